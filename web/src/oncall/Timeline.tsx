// The timeline of an incident, newest first.
import {
  IconAlertOctagon,
  IconArrowBackUp,
  IconBell,
  IconCheck,
  IconCircleCheck,
  IconGavel,
  IconHandStop,
  IconMail,
  IconNote,
  IconTrendingUp,
  IconUserOff,
} from "@tabler/icons-react";
import type { Schema } from "../api/schema";
import { Story } from "../ui/Story";

type Kind = Schema["EventKind"];

const LOOKS: Record<Kind, { icon: typeof IconBell; color?: string }> = {
  opened: { icon: IconAlertOctagon, color: "var(--regressed)" },
  alert: { icon: IconBell },
  verdict: { icon: IconGavel, color: "var(--regressed)" },
  change: { icon: IconArrowBackUp },
  page: { icon: IconMail },
  passed: { icon: IconUserOff, color: "var(--suspect)" },
  raised: { icon: IconTrendingUp, color: "var(--regressed)" },
  acknowledged: { icon: IconHandStop },
  note: { icon: IconNote },
  recovered: { icon: IconCircleCheck, color: "var(--healthy)" },
  resolved: { icon: IconCheck, color: "var(--healthy)" },
};

export function Timeline({ events }: { events: Schema["TimelineEvent"][] }) {
  const newest = [...events].reverse();
  return (
    <Story
      label="Timeline"
      events={newest.map(({ n, at, kind, actor, sentence, change }, place) => {
        const { icon: Icon, color } = LOOKS[kind];
        return {
          id: `${n} ${place}`,
          at,
          color,
          icon: <Icon size={15} aria-hidden />,
          sentence,
          below: (
            <>
              {!sentence.startsWith(actor.name) && <span>{actor.name}</span>}
              {change !== undefined && <span>change {change}</span>}
            </>
          ),
        };
      })}
    />
  );
}
