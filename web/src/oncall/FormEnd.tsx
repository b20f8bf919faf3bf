// The end of a form in a window: what was refused, and its two buttons.
import { Button, Group } from "@mantine/core";
import { ProblemNote } from "../ui/problem";

type Props = { error: unknown; except: string[]; saving: boolean; onCancel: () => void };

export function FormEnd({ error, except, saving, onCancel }: Props) {
  return (
    <>
      <ProblemNote error={error} except={except} />
      <Group justify="flex-end">
        <Button variant="default" onClick={onCancel}>
          Leave it
        </Button>
        <Button type="submit" loading={saving}>
          Save
        </Button>
      </Group>
    </>
  );
}
