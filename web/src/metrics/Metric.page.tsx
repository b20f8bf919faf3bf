// How often does it happen?
import { Button, Code, Group, SegmentedControl, Stack, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams, useSearchParams } from "react-router";
import { usePlace, useTo } from "../app/place";
import { useMay } from "../app/session";
import { Confirm } from "../ui/Confirm";
import { PageHead } from "../ui/PageHead";
import { Panel } from "../ui/Panel";
import { Failed, Loading } from "../ui/States";
import { done } from "../ui/toast";
import { MetricForm } from "./MetricForm";
import { OutcomeChart } from "./OutcomeChart";
import { type Metric, metric, useChangeMetric, useDeleteMetric } from "./queries";

const RANGES = [
  { value: "15", label: "15 min" },
  { value: "60", label: "1 hour" },
  { value: "360", label: "6 hours" },
  { value: "1440", label: "1 day" },
];

export default function MetricPage() {
  const { metric: key = "" } = useParams();
  const { project, environment } = usePlace();
  const query = useQuery(metric(project, key));
  const [params, setParams] = useSearchParams();
  const mayWrite = useMay("writer");
  if (query.isPending) return <Loading rows={6} />;
  if (query.isError) return <Failed error={query.error} retry={() => void query.refetch()} />;
  const range = params.get("range") ?? "15";
  return (
    <>
      <PageHead
        title={query.data.name}
        sentence={
          <>
            Somebody counts as bad when <Code>{query.data.eventKey}</Code> occurs for them.
          </>
        }
        actions={mayWrite && <Actions metric={query.data} />}
      />
      <Stack>
        {query.data.description && <Text size="sm">{query.data.description}</Text>}
        <Panel
          title={`Events in ${environment}`}
          sentence="All of them, whoever sent them."
          actions={
            <SegmentedControl
              aria-label="Time range"
              size="xs"
              data={RANGES}
              value={range}
              onChange={(value) => setParams(value === "15" ? {} : { range: value })}
            />
          }
        >
          <OutcomeChart metric={query.data} minutes={Number(range)} />
        </Panel>
        <Panel title="In your code" sentence="After the flag was evaluated for the same context.">
          <Code block>{`client.track("${query.data.eventKey}", context);`}</Code>
        </Panel>
      </Stack>
    </>
  );
}

function Actions({ metric }: { metric: Metric }) {
  const { project } = usePlace();
  const to = useTo();
  const navigate = useNavigate();
  const change = useChangeMetric(project, metric.key);
  const remove = useDeleteMetric(project, metric.key);
  const [editing, { open, close }] = useDisclosure();
  return (
    <Group gap="xs">
      <Button variant="default" onClick={open}>
        Edit
      </Button>
      <Confirm
        verb={`Delete ${metric.name}`}
        consequence="New releases can no longer be guarded by it; releases under way keep it to their end. This cannot be undone, but it can be defined again."
        onConfirm={() =>
          remove.mutate(metric.version, {
            onSuccess: () => {
              navigate(to("/metrics"));
              done({ message: `${metric.name} is deleted.` });
            },
          })
        }
        variant="default"
        loading={remove.isPending}
      >
        Delete
      </Confirm>
      <MetricForm
        title={`Edit ${metric.name}`}
        opened={editing}
        onClose={close}
        metric={metric}
        error={change.error}
        pending={change.isPending}
        onSubmit={({ name, description, eventKey }) =>
          change.mutate({ name, description, eventKey, version: metric.version }, { onSuccess: close })
        }
      />
    </Group>
  );
}
