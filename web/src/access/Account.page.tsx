// Oneself: password and tokens.
import { Anchor, Stack } from "@mantine/core";
import { Link } from "react-router";
import { useTo } from "../app/place";
import { useMe } from "../app/session";
import { Panel } from "../ui/Panel";
import { PasswordForm } from "./PasswordForm";
import { Tokens } from "./Tokens";

export default function AccountPage() {
  const person = useMe()?.person;
  const to = useTo();
  return (
    <Stack>
      {person && <PasswordForm />}
      {person && (
        <Panel title="How you are reached" sentence="When you are on call, pages go to your contact methods.">
          <Anchor component={Link} to={to("/on-call?tab=contact")} size="sm">
            Your contact methods
          </Anchor>
        </Panel>
      )}
      <Tokens />
    </Stack>
  );
}
