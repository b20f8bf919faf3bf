// By which field of the context a share is drawn, so that somebody stays on their side.
import { Autocomplete } from "@mantine/core";

type Props = { value?: string; onChange: (stickiness: string) => void; error?: string };

export function Stickiness({ value = "default", onChange, error }: Props) {
  return (
    <Autocomplete
      label="Drawn by"
      description="A field of the context, default or random."
      inputWrapperOrder={["label", "input", "description", "error"]}
      w={260}
      data={["default", "userId", "sessionId", "random"]}
      value={value}
      onChange={onChange}
      error={error}
    />
  );
}
