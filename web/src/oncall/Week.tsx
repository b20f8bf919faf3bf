// A week of shifts: drawn as a strip where there is room, and always told as a list. Gaps are red and say so.
import { Box, Group, Stack, Text } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { useMe } from "../app/session";
import { addDays, day, dayAndTime } from "../lib/calendar";
import { useNow } from "../lib/now";
import classes from "./oncall.module.css";
import { bars, percent, type Shift } from "./stretch";
import { names, upper } from "./words";

/** Narrower shifts, in percent of the week, have no room for a name; the list tells it. */
const NARROW = 5;

type Props = { shifts: Shift[]; from: Date; to: Date };

export function Week({ shifts, from, to }: Props) {
  return (
    <Stack gap="sm">
      <Strip shifts={shifts} from={from} to={to} />
      <Stack component="ul" gap={4} className={classes.plain} aria-label="Shifts">
        {shifts.map((shift) => (
          <Group key={shift.from} component="li" gap="xs" align="baseline">
            <Text size="sm" c="dimmed" style={{ flex: "0 0 auto" }}>
              {dayAndTime(shift.from)} – {dayAndTime(shift.to)}
            </Text>
            <Who shift={shift} />
          </Group>
        ))}
      </Stack>
    </Stack>
  );
}

/** Before a schedule begins nobody misses anybody. */
function isGap({ people, because }: Pick<Shift, "people" | "because">): boolean {
  return people.length === 0 && because !== "notYet";
}

const WHY: Record<string, string> = { overridden: "stands in", notYet: "the schedule had not begun" };

function Who({ shift: { people, because } }: { shift: Shift }) {
  const why = WHY[because];
  const gap = isGap({ people, because });
  return (
    <Text size="sm" fw={600} className={gap ? classes.gap : undefined} component="span">
      {gap && <IconAlertTriangle size={14} aria-hidden style={{ verticalAlign: "-2px" }} />}{" "}
      {gap ? "Nobody is on call" : upper(names(people))}
      {why && (
        <Text span size="sm" c="dimmed" fw={400}>
          {" "}
          ({why})
        </Text>
      )}
    </Text>
  );
}

/** The list below says the same, so this is for eyes only. */
function Strip({ shifts, from, to }: Props) {
  const now = useNow();
  const me = useMe()?.person?.id;
  const days = Array.from({ length: 7 }, (_, offset) => addDays(from, offset));
  return (
    <Box visibleFrom="sm" aria-hidden="true">
      <div className={classes.days}>
        {days.map((one) => (
          <span key={one.getTime()} data-today={one.toDateString() === now.toDateString() || undefined}>
            {day(one)}
          </span>
        ))}
      </div>
      <div className={classes.week}>
        {bars(shifts, from, to).map(({ shift, left, width }) => (
          <div
            key={shift.from}
            className={classes.shift}
            style={{ left: `${left}%`, width: `calc(${width}% - 2px)` }}
            data-gap={isGap(shift) || undefined}
            data-mine={shift.people.some(({ id }) => id === me) || undefined}
          >
            {width > NARROW && upper(names(shift.people))}
          </div>
        ))}
        {now >= from && now < to && (
          <div className={classes.now} style={{ left: `${percent(now, from, to)}%` }} />
        )}
      </div>
    </Box>
  );
}
