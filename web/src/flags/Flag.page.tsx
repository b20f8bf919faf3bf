// Who gets what, and why?
import { Button, Group, Tabs } from "@mantine/core";
import { IconRocket } from "@tabler/icons-react";
import { Link, useSearchParams } from "react-router";
import { usePlace, useTo } from "../app/place";
import { useMay } from "../app/session";
import { Copy } from "../ui/Copy";
import { PageHead } from "../ui/PageHead";
import { Empty, Failed, Loading } from "../ui/States";
import { CodePanel } from "./code/CodePanel";
import { Details } from "./details/Details";
import { Evaluations } from "./evaluations/Evaluations";
import { Evaluator } from "./evaluator/Evaluator";
import classes from "./Flag.module.css";
import { History } from "./history/History";
import { OnSwitch } from "./OnSwitch";
import { stateSentence, strategiesSentence } from "./state";
import { Targeting } from "./targeting/Targeting";
import { type FlagHere, flagHere, useFlagQuery } from "./useFlag";

export default function FlagPage() {
  const place = usePlace();
  const query = useFlagQuery();
  if (query.isPending) return <Loading rows={8} />;
  if (query.isError) return <Failed error={query.error} retry={() => void query.refetch()} />;
  const here = flagHere(place, query.data);
  if (!here) return <Empty>This project has no environment {place.environment}.</Empty>;
  return <FlagPageOf key={`${place.environment} ${here.key}`} here={here} />;
}

function FlagPageOf({ here }: { here: FlagHere }) {
  const to = useTo();
  const mayWrite = useMay("writer");
  return (
    <>
      <PageHead
        title={here.view.name}
        sentence={sentence(here)}
        actions={
          mayWrite && (
            <>
              {here.view.bucketing !== "unleash" && (
                <Button
                  component={Link}
                  to={`${to("/releases")}?start=${encodeURIComponent(here.key)}`}
                  variant="default"
                  leftSection={<IconRocket size={16} />}
                >
                  Start a release
                </Button>
              )}
              <OnSwitch here={here} />
            </>
          )
        }
      />
      <Group mb="md" mt="-sm" gap="xs">
        <Copy text={here.key} label="Copy the key" />
      </Group>
      <FlagTabs here={here} />
    </>
  );
}

function sentence({ configuration, variations, view }: FlagHere): string {
  return view.bucketing === "unleash"
    ? strategiesSentence(configuration)
    : stateSentence(configuration, variations);
}

function FlagTabs({ here }: { here: FlagHere }) {
  const [params, setParams] = useSearchParams();
  const tab = params.get("tab") ?? "targeting";
  const choose = (value: string | null) => setParams(value && value !== "targeting" ? { tab: value } : {});
  return (
    <Tabs value={tab} onChange={choose} keepMounted={false}>
      <Tabs.List mb="md" className={classes.tabs}>
        <Tabs.Tab value="targeting">Targeting</Tabs.Tab>
        <Tabs.Tab value="history">History</Tabs.Tab>
        <Tabs.Tab value="evaluations">Evaluations</Tabs.Tab>
        <Tabs.Tab value="code">Code</Tabs.Tab>
        <Tabs.Tab value="details">Details</Tabs.Tab>
      </Tabs.List>
      <Tabs.Panel value="targeting">
        <div className={classes.beside}>
          <Targeting here={here} />
          <Evaluator here={here} />
        </div>
      </Tabs.Panel>
      <Tabs.Panel value="history">
        <History here={here} />
      </Tabs.Panel>
      <Tabs.Panel value="evaluations">
        <Evaluations here={here} />
      </Tabs.Panel>
      <Tabs.Panel value="code">
        <CodePanel here={here} />
      </Tabs.Panel>
      <Tabs.Panel value="details">
        <Details here={here} />
      </Tabs.Panel>
    </Tabs>
  );
}
