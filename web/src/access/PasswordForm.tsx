// One's own password.
import { Button, Group, PasswordInput, Stack } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useMe } from "../app/session";
import { Panel } from "../ui/Panel";
import { ProblemNote, problemAt } from "../ui/problem";
import { done } from "../ui/toast";
import { PASSWORD_RULE } from "./password";
import { useChangePassword } from "./queries";

const EMPTY = { current: "", new: "" };

export function PasswordForm() {
  const email = useMe()?.person?.email;
  const change = useChangePassword();
  const [words, setWords] = useState(EMPTY);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    change.mutate(words, {
      onSuccess: () => {
        setWords(EMPTY);
        done({ message: "Your password is changed; your other sessions have ended." });
      },
    });
  };
  const field = (name: keyof typeof EMPTY) => ({
    required: true,
    withAsterisk: false,
    value: words[name],
    onChange: (event: { currentTarget: { value: string } }) => {
      const { value } = event.currentTarget;
      setWords((before) => ({ ...before, [name]: value }));
    },
    error: problemAt(change.error, name),
  });
  return (
    <Panel
      title="Password"
      sentence={`You log in as ${email}. Changing the password ends your other sessions.`}
    >
      <form onSubmit={submit}>
        <Stack maw={420}>
          <ProblemNote error={change.error} except={["current", "new"]} />
          <input type="text" hidden readOnly autoComplete="username" value={email ?? ""} />
          <PasswordInput label="Present password" autoComplete="current-password" {...field("current")} />
          <PasswordInput
            label="New password"
            description={PASSWORD_RULE}
            autoComplete="new-password"
            minLength={12}
            {...field("new")}
          />
          <Group>
            <Button type="submit" loading={change.isPending}>
              Change password
            </Button>
          </Group>
        </Stack>
      </form>
    </Panel>
  );
}
