// An invited person chooses a password.
import { Button, PasswordInput, Stack } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useNavigate, useSearchParams } from "react-router";
import { ProblemNote, problemAt } from "../ui/problem";
import { Entry } from "./Entry";
import { PASSWORD_RULE } from "./password";
import { useAccept } from "./queries";

export default function InvitationPage() {
  const [search] = useSearchParams();
  const navigate = useNavigate();
  const accept = useAccept();
  const [password, setPassword] = useState("");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const token = search.get("token") ?? "";
    accept.mutate({ token, password }, { onSuccess: () => navigate("/", { replace: true }) });
  };
  return (
    <Entry title="Welcome" sentence="Choose a password, and you are in.">
      <form onSubmit={submit}>
        <Stack>
          <ProblemNote error={accept.error} except={["password"]} />
          <PasswordInput
            label="Password"
            description={PASSWORD_RULE}
            autoComplete="new-password"
            minLength={12}
            required
            withAsterisk={false}
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
            error={problemAt(accept.error, "password")}
          />
          <Button type="submit" loading={accept.isPending}>
            Come in
          </Button>
        </Stack>
      </form>
    </Entry>
  );
}
