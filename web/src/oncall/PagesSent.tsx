// Whom an incident was told, and whom it could not be told.
import { Group, Stack, Text } from "@mantine/core";
import type { Schema } from "../api/schema";
import { Instant } from "../ui/Instant";
import { MeaningLabel } from "../ui/Meaning";
import { Panel } from "../ui/Panel";
import classes from "./oncall.module.css";
import { level, upper } from "./words";

export function PagesSent({ incident }: { incident: Schema["IncidentDetail"] }) {
  if (incident.pages.length === 0) {
    return (
      <Panel title="Pages">
        <Text size="sm" c="dimmed">
          Nobody has been paged.
        </Text>
      </Panel>
    );
  }
  return (
    <Panel title="Pages">
      <Stack component="ul" gap={0} className={classes.plain}>
        {incident.pages.map((page) => (
          <Group key={page.id} component="li" className={classes.item} justify="space-between" gap="xs">
            <Stack gap={0} miw={0} flex="1 1 14rem">
              <Text size="sm">
                {page.name}, {page.way}
              </Text>
              <Text size="xs" c="dimmed">
                {upper(level(page.step, incident.policy))}
                {page.step.round > 0 ? `, round ${page.step.round + 1}` : ""},{" "}
                <Instant at={page.sentAt ?? page.createdAt} />
              </Text>
              {page.lastError && (
                <Text size="xs" c={page.state === "queued" ? "var(--regressed)" : "dimmed"}>
                  {page.attempts > 0
                    ? `${page.attempts} ${page.attempts === 1 ? "try" : "tries"} failed: `
                    : ""}
                  {page.lastError}
                </Text>
              )}
            </Stack>
            <Fate page={page} />
          </Group>
        ))}
      </Stack>
    </Panel>
  );
}

function Fate({ page: { state, attempts } }: { page: Schema["PageView"] }) {
  if (state === "sent") return <MeaningLabel meaning="healthy">Sent</MeaningLabel>;
  if (state === "cancelled") return <MeaningLabel meaning="unknown">Not needed</MeaningLabel>;
  return attempts > 0 ? (
    <MeaningLabel meaning="regressed">Failing, tried again</MeaningLabel>
  ) : (
    <MeaningLabel meaning="unknown">On its way</MeaningLabel>
  );
}
