// Who is on call, in the top bar.
import { Anchor } from "@mantine/core";
import { Link } from "react-router";
import { useTo } from "../app/place";

export function OnCallNow() {
  const to = useTo();
  return (
    <Anchor component={Link} to={to("/on-call")} size="sm" visibleFrom="sm">
      On call
    </Anchor>
  );
}
