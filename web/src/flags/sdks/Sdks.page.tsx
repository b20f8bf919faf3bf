// Is my code connected, and with what?
import { Tabs } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useSearchParams } from "react-router";
import { usePlace } from "../../app/place";
import { useNow } from "../../lib/now";
import { PageHead } from "../../ui/PageHead";
import { Failed, Loading } from "../../ui/States";
import { sdks } from "../queries/seen";
import { Connect } from "./Connect";
import { Connected } from "./Connected";
import { LiveEvents } from "./LiveEvents";
import { stateOf } from "./words";

export default function SdksPage() {
  const place = usePlace();
  const query = useQuery(sdks(place));
  const now = useNow();
  if (query.isPending) return <Loading rows={6} />;
  if (query.isError) return <Failed error={query.error} retry={() => void query.refetch()} />;
  return (
    <>
      <PageHead title={`SDKs of ${place.environment}`} sentence={stateOf(query.data, now)} />
      <SdkTabs list={query.data} />
    </>
  );
}

function SdkTabs({ list }: { list: Parameters<typeof stateOf>[0] }) {
  const [params, setParams] = useSearchParams();
  // Where nothing is connected yet, the next step is to connect something; it stays open when that happens.
  const [first] = useState(list.length === 0 ? "connect" : "connected");
  const tab = params.get("tab") ?? first;
  const choose = (value: string | null) =>
    setParams((before) => {
      const next = new URLSearchParams(before);
      next.set("tab", value ?? "connected");
      return next;
    });
  return (
    <Tabs value={tab} onChange={choose} keepMounted={false}>
      <Tabs.List mb="md">
        <Tabs.Tab value="connected">Connected</Tabs.Tab>
        <Tabs.Tab value="connect">Connect an SDK</Tabs.Tab>
        <Tabs.Tab value="events">Live events</Tabs.Tab>
      </Tabs.List>
      <Tabs.Panel value="connected">
        <Connected list={list} onConnect={() => choose("connect")} />
      </Tabs.Panel>
      <Tabs.Panel value="connect">
        <Connect list={list} />
      </Tabs.Panel>
      <Tabs.Panel value="events">
        <LiveEvents />
      </Tabs.Panel>
    </Tabs>
  );
}
