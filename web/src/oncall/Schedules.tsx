// Schedules: whose turn it is.
import { Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { Schema } from "../api/schema";
import { Failed, Loading } from "../ui/States";
import { Editable } from "./Editable";
import { people, schedules } from "./queries/setup";
import { hours, turns } from "./rotation";
import { ScheduleForm } from "./ScheduleForm";

export function Schedules() {
  const list = useQuery(schedules);
  if (list.isPending) return <Loading />;
  if (list.isError) return <Failed error={list.error} retry={() => void list.refetch()} />;
  return (
    <Editable
      title="Schedules"
      sentence="People who take turns. An edit counts from now on; whoever is on call stays until the next handoff."
      add="Add a schedule"
      items={list.data}
      nameOf={({ name }) => name}
      words={({ layers }) => layers.map((layer) => <Layer key={layer.name} layer={layer} />)}
      form={(schedule, close) => <ScheduleForm schedule={schedule} close={close} />}
    />
  );
}

function Layer({ layer }: { layer: Schema["Layer"] }) {
  const known = useQuery(people).data ?? [];
  return (
    <Text size="sm" c="dimmed">
      {layer.name}: {turns(layer.rotation, known)} {hours(layer.restrictions)}
    </Text>
  );
}
