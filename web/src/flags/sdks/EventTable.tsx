// The events that have come, newest first.
import { Table, Text } from "@mantine/core";
import type { Numbered } from "../queries/live";
import { contextWords, detailWords, kindWord, outcomeWords, timeWords } from "./events";

export function EventTable({ events }: { events: Numbered[] }) {
  return (
    <Table.ScrollContainer minWidth={0} type="native" mah="60vh">
      <Table aria-label="Live events" verticalSpacing={6} stickyHeader>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Time</Table.Th>
            <Table.Th>Event</Table.Th>
            <Table.Th>Who</Table.Th>
            <Table.Th visibleFrom="sm">SDK</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {events.map((event) => (
            <EventRow key={event.id} event={event} />
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function EventRow({ event }: { event: Numbered }) {
  const { at, key, sdk } = event;
  const details = detailWords(event);
  return (
    <Table.Tr>
      <Table.Td style={{ whiteSpace: "nowrap", verticalAlign: "top" }}>
        <Text size="sm" c="dimmed" component="time" dateTime={at}>
          {timeWords(at)}
        </Text>
      </Table.Td>
      <Table.Td style={{ verticalAlign: "top", overflowWrap: "anywhere" }}>
        <Text size="sm">
          <Text span inherit c="dimmed">
            {kindWord(event.kind)}
          </Text>{" "}
          {key && (
            <Text span inherit fw={600}>
              {key}
            </Text>
          )}{" "}
          {outcomeWords(event)}
        </Text>
        {details && (
          <Text size="xs" c="dimmed">
            {details}
          </Text>
        )}
      </Table.Td>
      <Table.Td style={{ verticalAlign: "top", overflowWrap: "anywhere" }}>
        {event.contexts.map((context) => (
          <Text key={`${context.kind} ${context.key}`} size="sm" title={contextWords(context)}>
            {context.kind} {context.key}
          </Text>
        ))}
      </Table.Td>
      <Table.Td visibleFrom="sm" style={{ verticalAlign: "top" }}>
        <Text size="sm" c="dimmed">
          {sdk}
        </Text>
      </Table.Td>
    </Table.Tr>
  );
}
