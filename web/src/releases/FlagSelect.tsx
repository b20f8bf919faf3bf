// Which flag goes out: the server searches.
import { Select } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { usePlace } from "../app/place";
import { flagsLike } from "./queries/choices";

export function FlagSelect({ value, onChange }: { value: string; onChange: (key: string) => void }) {
  const { project } = usePlace();
  const [typed, setTyped] = useState("");
  const [asked] = useDebouncedValue(typed === value ? "" : typed, 200);
  const found = useQuery(flagsLike(project, asked)).data ?? [];
  const keys = [...new Set([...found.map((one) => one.key), ...(value ? [value] : [])])];
  return (
    <Select
      label="Flag"
      placeholder="Which flag goes out?"
      searchable
      required
      data={keys}
      value={value || null}
      onSearchChange={setTyped}
      onChange={(key) => key && onChange(key)}
      // The server has searched already.
      filter={({ options }) => options}
      nothingFoundMessage="No flag is called that"
    />
  );
}
