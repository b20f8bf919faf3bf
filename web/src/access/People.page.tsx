// Who is here, and what may they do?
import { Button } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconUserPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useMay } from "../app/session";
import { Panel } from "../ui/Panel";
import { Failed, Loading } from "../ui/States";
import { InviteForm } from "./InviteForm";
import { PeopleTable } from "./PeopleTable";
import { people } from "./queries";

export default function PeoplePage() {
  const list = useQuery(people);
  const admin = useMay("admin");
  const [inviting, { open, close }] = useDisclosure();
  return (
    <Panel
      title="People"
      sentence="Readers see everything but secrets; writers change flags, run releases and handle incidents; admins decide who is who."
      actions={
        admin && (
          <Button leftSection={<IconUserPlus size={16} />} onClick={open}>
            Invite
          </Button>
        )
      }
    >
      <InviteForm opened={inviting} onClose={close} />
      {list.isPending && <Loading />}
      {list.isError && <Failed error={list.error} retry={() => void list.refetch()} />}
      {list.data && <PeopleTable people={list.data} admin={admin} />}
    </Panel>
  );
}
