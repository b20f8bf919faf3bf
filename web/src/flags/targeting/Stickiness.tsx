// By which field of the context a share is drawn, so that somebody stays on their side.
import { Autocomplete } from "@mantine/core";
import { useState } from "react";

type Props = {
  value?: string;
  /** Told of what is typed; of nothing where the field is empty, which means the default. */
  onChange: (stickiness: string) => void;
  error?: string;
};

export function Stickiness({ value, onChange, error }: Props) {
  // While it is typed in the field keeps what is typed, so that it can be emptied for another name.
  const [typed, setTyped] = useState<string>();
  return (
    <Autocomplete
      label="Drawn by"
      description="A field of the context, default or random."
      inputWrapperOrder={["label", "input", "description", "error"]}
      w={260}
      data={["default", "userId", "sessionId", "random"]}
      value={typed ?? (value || "default")}
      onChange={(text) => {
        setTyped(text);
        onChange(text.trim());
      }}
      onBlur={() => setTyped(undefined)}
      error={error}
    />
  );
}
