// One more flag to depend on, of those that can be depended on.
import { Button, Group, Select } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { usePlace } from "../../app/place";
import { flag, foundFlags } from "../queries/flags";
import { parents, unfit } from "./dependencies";
import type { Dependency } from "./model";

/** Flags are found by name alone, and only some of them are by Unleash's rules. */
const LOOKED_AT = 200;

type Props = {
  own: string;
  list: Dependency[];
  onAdd: (dependency: Dependency) => void;
  onCancel: () => void;
};

export function AddDependency({ own, list, onAdd, onCancel }: Props) {
  const { project, environment } = usePlace();
  const [search, setSearch] = useState("");
  const [asked] = useDebouncedValue(search, 200);
  const found = useQuery(foundFlags(project, asked, LOOKED_AT));
  const [key, setKey] = useState<string | null>(null);
  const chosen = useQuery({ ...flag(project, key ?? ""), enabled: key !== null }).data;
  const wrong = unfit(chosen, environment);
  const some = found.data?.length === LOOKED_AT;
  return (
    <Group gap="xs" align="flex-start">
      <Select
        label="Flag"
        description="By Unleash’s rules, of this project."
        placeholder="choose a flag"
        w={280}
        data={parents(found.data ?? [], own, list)}
        value={key}
        onChange={setKey}
        searchValue={search}
        onSearchChange={setSearch}
        nothingFoundMessage={
          some ? "None among the first: type more of its name." : "There is none of this name."
        }
        error={wrong}
        searchable
      />
      <Group gap="xs" mt={{ base: 0, xs: 44 }}>
        <Button
          variant="default"
          leftSection={<IconPlus size={14} />}
          disabled={!chosen || wrong !== undefined}
          onClick={() => chosen && onAdd({ feature: chosen.key, enabled: true })}
        >
          Depend on it
        </Button>
        <Button variant="subtle" color="gray" onClick={onCancel}>
          Cancel
        </Button>
      </Group>
    </Group>
  );
}
