// Who is on call, in the top bar.
import { Anchor, Text } from "@mantine/core";
import { IconPhoneCall } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { useTo } from "../app/place";
import { onCall } from "./queries/duty";
import { names } from "./words";

export function OnCallNow() {
  const to = useTo();
  const duty = useQuery(onCall).data;
  if (!duty) return null;
  const people = duty.schedules.flatMap((schedule) => schedule.people);
  const awake = people.filter(({ id }, place) => people.findIndex((one) => one.id === id) === place);
  const nobody = duty.schedules.some((schedule) => schedule.people.length === 0);
  return (
    <Anchor
      component={Link}
      to={to("/on-call")}
      visibleFrom="sm"
      c={nobody ? "var(--regressed)" : undefined}
      style={{ display: "inline-flex", alignItems: "center", gap: 6, maxWidth: "16rem" }}
    >
      <IconPhoneCall size={16} aria-hidden style={{ flexShrink: 0 }} />
      <Text span size="sm" truncate>
        On call: {awake.length > 2 ? `${awake.length} people` : names(awake)}
      </Text>
    </Anchor>
  );
}
