// Who are you?
import { Button, PasswordInput, Stack, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Navigate, useSearchParams } from "react-router";
import { me } from "../app/session";
import { ProblemNote, problemAt } from "../ui/problem";
import { Entry } from "./Entry";
import { setup, useLogin } from "./queries";

export default function LoginPage() {
  const [search] = useSearchParams();
  const session = useQuery(me);
  const needed = useQuery(setup).data?.needed;
  const login = useLogin();
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");

  if (session.data) return <Navigate to={inside(search.get("next"))} replace />;

  const submit = (event: FormEvent) => {
    event.preventDefault();
    login.mutate({ email, password });
  };
  const sentence = needed
    ? "Nobody is here yet: open the set-up link that the server printed when it started."
    : "Use the e-mail address by which you were invited.";
  return (
    <Entry title="Log in" sentence={sentence}>
      <form onSubmit={submit}>
        <Stack>
          <ProblemNote error={login.error} except={["email", "password"]} />
          <TextInput
            label="E-mail address"
            type="email"
            autoComplete="username"
            required
            withAsterisk={false}
            value={email}
            onChange={(event) => setEmail(event.currentTarget.value)}
            error={problemAt(login.error, "email")}
            data-autofocus
          />
          <PasswordInput
            label="Password"
            autoComplete="current-password"
            required
            withAsterisk={false}
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
            error={problemAt(login.error, "password")}
          />
          <Button type="submit" loading={login.isPending}>
            Log in
          </Button>
        </Stack>
      </form>
    </Entry>
  );
}

/** Only an address of ours, so that a link cannot lead elsewhere after the login. */
function inside(next: string | null): string {
  return next?.startsWith("/") && !next.startsWith("//") && !next.startsWith("/\\") ? next : "/";
}
