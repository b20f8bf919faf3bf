// This week's shifts of each schedule, the next handoffs, and who stands in.
import { Button, Group, Stack, Text } from "@mantine/core";
import { IconChevronLeft, IconChevronRight } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useSearchParams } from "react-router";
import type { Schema } from "../api/schema";
import { useMay } from "../app/session";
import { addDays, date, fromInput, startOfWeek, toInput } from "../lib/calendar";
import { useNow } from "../lib/now";
import { Panel } from "../ui/Panel";
import { Empty, Failed, Loading } from "../ui/States";
import { OverrideForm } from "./OverrideForm";
import { Overrides } from "./Overrides";
import { onCall, shifts } from "./queries/duty";
import { Reachable } from "./Reachable";
import { Week } from "./Week";
import { handoff } from "./words";

const DAYS = 7;

export function Duty() {
  const duty = useQuery(onCall);
  const may = useMay("writer");
  if (duty.isPending) return <Loading />;
  if (duty.isError) return <Failed error={duty.error} retry={() => void duty.refetch()} />;
  const { schedules, services } = duty.data;
  if (schedules.length === 0) {
    return (
      <Empty action={<Link to="?tab=schedules">Set up a schedule</Link>}>
        There is no schedule yet; every page goes to the catch-all.
      </Empty>
    );
  }
  return (
    <Stack>
      <Weeks />
      {schedules.map((schedule) => (
        <ScheduleWeek key={schedule.schedule} schedule={schedule} />
      ))}
      {may && <OverrideForm schedules={schedules} />}
      <Reachable services={services} />
    </Stack>
  );
}

/** The Monday that the address asks for, else this week's. */
function useWeek(): Date {
  const now = useNow();
  const asked = fromInput(`${useSearchParams()[0].get("week") ?? ""}T00:00`);
  return startOfWeek(asked ?? now);
}

function Weeks() {
  const monday = useWeek();
  const step = (days: number) => `?week=${toInput(addDays(monday, days)).slice(0, 10)}`;
  return (
    <Group gap="xs">
      <Button component={Link} to={step(-DAYS)} variant="default" aria-label="The week before" px="xs">
        <IconChevronLeft size={18} aria-hidden />
      </Button>
      <Button component={Link} to="." variant="default">
        This week
      </Button>
      <Button component={Link} to={step(DAYS)} variant="default" aria-label="The week after" px="xs">
        <IconChevronRight size={18} aria-hidden />
      </Button>
      <Text size="sm" fw={600}>
        {date(monday)} – {date(addDays(monday, DAYS - 1))}
      </Text>
    </Group>
  );
}

function ScheduleWeek({ schedule }: { schedule: Schema["ScheduleDuty"] }) {
  const monday = useWeek();
  const end = addDays(monday, DAYS);
  const week = useQuery(shifts(schedule.schedule, monday, end));
  return (
    <Panel title={schedule.name} sentence={handoff(schedule)}>
      {week.isPending && <Loading rows={2} />}
      {week.isError && <Failed error={week.error} retry={() => void week.refetch()} />}
      {week.data && (
        <Stack gap="sm">
          <Week shifts={week.data.shifts} from={monday} to={end} />
          <Overrides schedule={schedule.schedule} overrides={week.data.overrides} />
        </Stack>
      )}
    </Panel>
  );
}
