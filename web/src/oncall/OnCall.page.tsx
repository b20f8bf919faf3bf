// Who gets woken, now and next; and how that is arranged.
import { Tabs } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useSearchParams } from "react-router";
import { zone } from "../lib/calendar";
import { PageHead } from "../ui/PageHead";
import { ContactMethods } from "./ContactMethods";
import { Duty } from "./Duty";
import { Policies } from "./Policies";
import { onCall } from "./queries/duty";
import { Schedules } from "./Schedules";
import { Services } from "./Services";
import { names, upper } from "./words";

const TABS = [
  { value: "duty", label: "This week", panel: <Duty /> },
  { value: "schedules", label: "Schedules", panel: <Schedules /> },
  { value: "policies", label: "Escalation policies", panel: <Policies /> },
  { value: "services", label: "Services", panel: <Services /> },
  { value: "contact", label: "Contact methods", panel: <ContactMethods /> },
];

export default function OnCallPage() {
  const [search, setSearch] = useSearchParams();
  const asked = search.get("tab");
  const tab = TABS.some(({ value }) => value === asked) ? asked : "duty";
  return (
    <>
      <PageHead title="On-call" sentence={<Now />} />
      <Tabs
        value={tab}
        keepMounted={false}
        onChange={(value) => setSearch(value && value !== "duty" ? { tab: value } : {})}
      >
        <Tabs.List mb="md">
          {TABS.map(({ value, label }) => (
            <Tabs.Tab key={value} value={value}>
              {label}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {TABS.map(({ value, panel }) => (
          <Tabs.Panel key={value} value={value}>
            {panel}
          </Tabs.Panel>
        ))}
      </Tabs>
    </>
  );
}

function Now() {
  const duty = useQuery(onCall).data;
  if (!duty) return null;
  const each = duty.schedules.map(({ name, people }) => `${name}: ${upper(names(people))}.`);
  return `${each.join(" ")} Times are those of ${zone()}.`;
}
