// Import from LaunchDarkly or Unleash: where from, what would come of it, and only then the click that does it.
import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { usePlace } from "../../app/place";
import { Panel } from "../../ui/Panel";
import { ProblemNote } from "../../ui/problem";
import { done } from "../../ui/toast";
import { type Looked, useImport, useLookThrough } from "../queries/imports";
import { ReportTable } from "./ReportTable";
import { toWrite } from "./rows";
import { SourceForm } from "./SourceForm";

export function ImportPanel() {
  const { environment } = usePlace();
  const [opened, { open, close }] = useDisclosure();
  return (
    <Panel
      title="Import"
      sentence={`Bring the flags of LaunchDarkly or Unleash into ${environment}; everybody keeps the side they are on.`}
      actions={
        <Button size="xs" variant="default" onClick={open}>
          Import flags
        </Button>
      }
    >
      <Modal opened={opened} onClose={close} title={`Import into ${environment}`} size="xl">
        <Import onDone={close} />
      </Modal>
    </Panel>
  );
}

export function Import({ onDone }: { onDone: () => void }) {
  const look = useLookThrough(usePlace());
  return look.data ? (
    <LookedThrough looked={look.data} onBack={look.reset} onDone={onDone} />
  ) : (
    <SourceForm
      error={look.error}
      pending={look.isPending}
      onSubmit={(source, replace) => look.mutate({ source, replace })}
      onAnother={look.reset}
    />
  );
}

type Props = { looked: Looked; onBack: () => void; onDone: () => void };

function LookedThrough({ looked, onBack, onDone }: Props) {
  const { environment } = usePlace();
  const write = useImport(usePlace());
  const count = toWrite(looked.report);
  const largest = looked.report.largestVersion.toLocaleString("en");
  const onSuccess = ({ sentence }: { sentence: string }) => {
    done({ message: `Imported into ${environment}: ${sentence}.` });
    onDone();
  };
  return (
    <Stack>
      <ProblemNote error={write.error} />
      <Text size="sm">{looked.report.sentence}. Nothing is written yet.</Text>
      <ReportTable report={looked.report} />
      {count > 0 && (
        <Text size="sm" c="dimmed">
          All of it is written at once, or nothing. SDKs of {environment} receive it within a second
          {looked.system === "launchDarkly" && `, and versions go on above ${largest}`}.
        </Text>
      )}
      <Group justify="space-between">
        <Button variant="default" onClick={onBack}>
          Choose something else
        </Button>
        <Button
          disabled={count === 0}
          loading={write.isPending}
          onClick={() => write.mutate(looked, { onSuccess })}
        >
          {count === 0 ? "Nothing to import" : `Import ${count.toLocaleString("en")} into ${environment}`}
        </Button>
      </Group>
    </Stack>
  );
}
