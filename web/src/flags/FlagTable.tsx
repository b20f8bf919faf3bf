// Flags in rows, their state in each environment in columns; only the rows in sight are drawn.
import { Badge, Group, Stack, Table, Text } from "@mantine/core";
import type { Schema } from "../api/schema";
import { usePlace, useTo } from "../app/place";
import { ListRow, ListTable } from "../ui/ListTable";
import { useRowsInSight } from "../ui/useRowsInSight";
import type { Environment } from "./queries/places";
import { ReachBar } from "./ReachBar";
import { statusWords } from "./state";

type Item = Schema["FlagItem"];
type Props = { flags: Item[]; environments: Environment[]; onEnd: () => void };

const ROW_PX = 68;

export function FlagTable({ flags, environments, onEnd }: Props) {
  const here = usePlace();
  const to = useTo();
  const { list, rows, measure, above, below } = useRowsInSight({
    count: flags.length,
    height: ROW_PX,
    onEnd,
  });
  // The environment one is in comes first: it is the one that a phone has room for.
  const ordered = [...environments].sort(
    (a, b) => Number(b.key === here.environment) - Number(a.key === here.environment),
  );
  return (
    <div ref={list}>
      <ListTable label="Flags" heads={["Flag", ...ordered.map(({ name }) => name)]} narrow={2}>
        <Space height={above} />
        {rows.map((at) => {
          const flag = flags[at];
          if (!flag) return null;
          return (
            <ListRow
              key={flag.key}
              to={to("/flags", flag.key)}
              name={flag.name}
              below={<Below flag={flag} />}
              place={{ index: at, measure }}
            >
              {ordered.map(({ key }, column) => (
                <Table.Td
                  key={key}
                  visibleFrom={column === 0 ? undefined : "sm"}
                  w={column === 0 ? "30%" : undefined}
                >
                  <Status status={flag.environments[key]} bucketing={flag.bucketing} />
                </Table.Td>
              ))}
            </ListRow>
          );
        })}
        <Space height={below} />
      </ListTable>
    </div>
  );
}

function Below({ flag: { key, kind, tags } }: { flag: Item }) {
  return (
    <Group gap="xs" mt={2}>
      <Text size="xs" c="dimmed" ff="monospace" style={{ overflowWrap: "anywhere" }}>
        {key}
      </Text>
      {kind !== "boolean" && (
        <Text size="xs" c="dimmed">
          {kind}
        </Text>
      )}
      {tags.map((tag) => (
        <Badge key={tag} size="xs" variant="default" tt="none" visibleFrom="sm">
          {tag}
        </Badge>
      ))}
    </Group>
  );
}

type StatusProps = { status?: Schema["FlagStatus"]; bucketing: Schema["Bucketing"] };

function Status({ status, bucketing }: StatusProps) {
  if (!status) return null;
  return (
    <Stack gap={6} maw={220}>
      <Text size="sm" fw={status.on ? 600 : 400} c={status.on ? undefined : "dimmed"}>
        {statusWords(status, bucketing)}
      </Text>
      {status.on && status.shares.length > 0 && <ReachBar shares={status.shares} size={6} />}
    </Stack>
  );
}

function Space({ height }: { height: number }) {
  if (height === 0) return null;
  return (
    <Table.Tr aria-hidden>
      <Table.Td p={0} h={height} />
    </Table.Tr>
  );
}
