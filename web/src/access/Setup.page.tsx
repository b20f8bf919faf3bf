// The first admin: by the link that the server prints when it starts.
import { Anchor, Button, PasswordInput, Stack, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Link, useNavigate, useSearchParams } from "react-router";
import { ProblemNote, problemAt } from "../ui/problem";
import { Failed, Loading } from "../ui/States";
import { Entry } from "./Entry";
import { PASSWORD_RULE } from "./password";
import { setup, useSetUp } from "./queries";

export default function SetupPage() {
  const state = useQuery(setup);
  if (state.isPending) return <Loading />;
  if (state.isError) return <Failed error={state.error} retry={() => void state.refetch()} />;
  if (!state.data.needed) {
    return (
      <Entry
        title="Steadfast is set up"
        sentence="The first admin is there already, and invites everybody else."
      >
        <Anchor component={Link} to="/login">
          Log in
        </Anchor>
      </Entry>
    );
  }
  return <SetupForm />;
}

function SetupForm() {
  const [search] = useSearchParams();
  const navigate = useNavigate();
  const setUp = useSetUp();
  const [admin, setAdmin] = useState({ name: "", email: "", password: "" });
  const [token, setToken] = useState(search.get("token") ?? "");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setUp.mutate({ token: token.trim(), ...admin }, { onSuccess: () => navigate("/", { replace: true }) });
  };
  const field = (name: keyof typeof admin) => ({
    required: true,
    withAsterisk: false,
    value: admin[name],
    onChange: (event: { currentTarget: { value: string } }) => {
      const { value } = event.currentTarget;
      setAdmin((before) => ({ ...before, [name]: value }));
    },
    error: problemAt(setUp.error, name),
  });
  return (
    <Entry title="Set up Steadfast" sentence="You become the first admin. Everybody else is invited by you.">
      <form onSubmit={submit}>
        <Stack>
          <ProblemNote error={setUp.error} except={["name", "email", "password"]} />
          {!search.has("token") && (
            <TextInput
              label="Set-up token"
              description="It stands in the link that the server printed when it started."
              required
              withAsterisk={false}
              value={token}
              onChange={(event) => setToken(event.currentTarget.value)}
            />
          )}
          <TextInput label="Name" autoComplete="name" {...field("name")} />
          <TextInput label="E-mail address" type="email" autoComplete="username" {...field("email")} />
          <PasswordInput
            label="Password"
            description={PASSWORD_RULE}
            autoComplete="new-password"
            minLength={12}
            {...field("password")}
          />
          <Button type="submit" loading={setUp.isPending}>
            Set up
          </Button>
        </Stack>
      </form>
    </Entry>
  );
}
