// What arrives, as it arrives: for whoever has just built something in and wants to see it come.
import { Button, Group, MultiSelect, Stack, Text, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconPlayerPause, IconPlayerPlay } from "@tabler/icons-react";
import { useState } from "react";
import { useSearchParams } from "react-router";
import { usePlace } from "../../app/place";
import { MeaningLabel } from "../../ui/Meaning";
import { Panel } from "../../ui/Panel";
import { Empty, Failed } from "../../ui/States";
import { type Filter, type Link, useLiveEvents } from "../queries/live";
import { EventTable } from "./EventTable";
import { KINDS } from "./events";

/** Who types has not finished yet. */
const TYPING_MS = 300;

export function LiveEvents() {
  const place = usePlace();
  const [filter, setFilter] = useFilter();
  const [asked] = useDebouncedValue(filter, TYPING_MS);
  const [paused, setPaused] = useState(false);
  const { events, notShown, link, clear, retry } = useLiveEvents(place, asked, paused);
  const typing = JSON.stringify(filter) !== JSON.stringify(asked);
  const state = paused ? "paused" : typing ? "connecting" : link;
  return (
    <Panel
      title="Live events"
      sentence="What arrives at the node that serves this page, from now on. Nothing is stored for it, and what is private is not shown."
      actions={
        <>
          <Button size="xs" variant="default" onClick={clear} disabled={events.length === 0}>
            Clear
          </Button>
          <Button
            size="xs"
            variant="default"
            leftSection={paused ? <IconPlayerPlay size={14} /> : <IconPlayerPause size={14} />}
            onClick={() => setPaused(!paused)}
          >
            {paused ? "Resume" : "Pause"}
          </Button>
        </>
      }
    >
      <Stack gap="sm">
        <FilterForm filter={filter} onChange={setFilter} />
        <Group gap="md" role="status" aria-label="Stream">
          <LinkLabel link={state} />
          {notShown > 0 && (
            <Text size="sm" c="dimmed">
              {notShown.toLocaleString("en")} more were not shown: they came too fast.
            </Text>
          )}
        </Group>
        {state === "refused" && (
          <Failed
            error={new Error("The node does not let this page watch now; too many may be watching.")}
            retry={retry}
          />
        )}
        {events.length === 0 ? (
          <Empty>Nothing has arrived yet. SDKs send their events every few seconds.</Empty>
        ) : (
          <EventTable events={events} />
        )}
      </Stack>
    </Panel>
  );
}

function LinkLabel({ link }: { link: Link | "paused" }) {
  if (link === "live") return <MeaningLabel meaning="healthy">watching</MeaningLabel>;
  if (link === "paused") return <MeaningLabel meaning="unknown">paused</MeaningLabel>;
  if (link === "refused") return <MeaningLabel meaning="suspect">not watching</MeaningLabel>;
  return <MeaningLabel meaning="unknown">{link === "lost" ? "reconnecting" : "connecting"}</MeaningLabel>;
}

type FormProps = { filter: Filter; onChange: (filter: Filter) => void };

function FilterForm({ filter, onChange }: FormProps) {
  const kinds = filter.kind ? filter.kind.split(",") : [];
  return (
    <Group align="flex-end" gap="sm">
      <MultiSelect
        label="Kinds"
        placeholder={kinds.length === 0 ? "All" : undefined}
        data={KINDS}
        value={kinds}
        onChange={(chosen) => onChange({ ...filter, kind: chosen.join(",") })}
        clearable
        style={{ flex: "2 1 14rem" }}
      />
      <TextInput
        label="Flag or event"
        placeholder="checkout"
        value={filter.key}
        onChange={(event) => onChange({ ...filter, key: event.currentTarget.value })}
        maxLength={200}
        style={{ flex: "1 1 10rem" }}
      />
      <TextInput
        label="Context"
        placeholder="ada, or device"
        value={filter.context}
        onChange={(event) => onChange({ ...filter, context: event.currentTarget.value })}
        maxLength={200}
        style={{ flex: "1 1 10rem" }}
      />
    </Group>
  );
}

/** The filter stands in the address, so that it can be pasted into a chat. */
function useFilter(): [Filter, (filter: Filter) => void] {
  const [params, setParams] = useSearchParams();
  const of = (name: string) => params.get(name) ?? "";
  const filter = { kind: of("kind"), key: of("key"), context: of("context") };
  const change = (next: Filter) =>
    setParams(
      (before) => {
        const all = new URLSearchParams(before);
        for (const [name, value] of Object.entries(next)) {
          if (value) all.set(name, value);
          else all.delete(name);
        }
        return all;
      },
      { replace: true },
    );
  return [filter, change];
}
