// What was decided, by whom and why, newest first.
import {
  IconArrowBackUp,
  IconCircleCheck,
  IconClockPause,
  IconEyeOff,
  IconFlagCheck,
  IconPlayerPause,
  IconPlayerPlay,
  IconPlayerSkipForward,
  IconPlayerStop,
  IconStairsUp,
  IconTrendingDown,
} from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Panel } from "../ui/Panel";
import { Failed, Loading } from "../ui/States";
import { Story } from "../ui/Story";
import { decisions } from "./queries/releases";

type Look = { icon: typeof IconPlayerPlay; color?: string };

const LOOKS: Record<string, Look> = {
  start: { icon: IconPlayerPlay },
  extend: { icon: IconClockPause, color: "var(--suspect)" },
  advance: { icon: IconStairsUp, color: "var(--healthy)" },
  skip: { icon: IconPlayerSkipForward },
  hold: { icon: IconPlayerPause, color: "var(--suspect)" },
  resume: { icon: IconPlayerPlay },
  complete: { icon: IconFlagCheck, color: "var(--healthy)" },
  rollBack: { icon: IconArrowBackUp, color: "var(--regressed)" },
  abort: { icon: IconPlayerStop },
  recover: { icon: IconCircleCheck, color: "var(--healthy)" },
  stayBad: { icon: IconTrendingDown, color: "var(--regressed)" },
  loseSight: { icon: IconEyeOff },
};
const OTHER: Look = { icon: IconPlayerPlay };

export function Decisions({ release }: { release: string }) {
  const list = useQuery(decisions(release));
  return (
    <Panel title="Decisions">
      {list.isPending && <Loading />}
      {list.isError && <Failed error={list.error} retry={() => void list.refetch()} />}
      {list.data && (
        <Story
          label="Decisions"
          events={list.data.map(({ n, at, action, sentence, verdict, changeSeq }) => {
            const { icon: Icon, color } = LOOKS[action] ?? OTHER;
            return {
              id: n,
              at,
              color,
              icon: <Icon size={15} aria-hidden />,
              sentence,
              below: (
                <>
                  {verdict && <span>verdict {verdict}</span>}
                  {changeSeq != null && <span>change {changeSeq}</span>}
                </>
              ),
            };
          })}
        />
      )}
    </Panel>
  );
}
