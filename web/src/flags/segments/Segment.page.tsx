// Who is in it?

import { Button, Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams } from "react-router";
import type { Schema } from "../../api/schema";
import { usePlace, useTo } from "../../app/place";
import { useMay } from "../../app/session";
import { Confirm } from "../../ui/Confirm";
import { Copy } from "../../ui/Copy";
import { LeaveGuard } from "../../ui/LeaveGuard";
import { MeaningLabel } from "../../ui/Meaning";
import { PageHead } from "../../ui/PageHead";
import { ProblemNote } from "../../ui/problem";
import { Failed, Loading } from "../../ui/States";
import { done } from "../../ui/toast";
import { useUndo } from "../queries/changes";
import { type SegmentView, segment, useChangeSegment, useDeleteSegment } from "../queries/segments";
import { USER } from "../targeting/model";
import { useDraft } from "../useDraft";
import { useTold } from "../useTold";
import { BigMembers } from "./BigMembers";
import { edited, LISTS, segmentInstructions } from "./edit";
import { MembersPanel } from "./MembersPanel";
import { SegmentRules } from "./SegmentRules";
import { UploadMembers } from "./UploadMembers";

const LIST_WORDS = {
  included: { title: "Included", sentence: "In by name." },
  excluded: { title: "Excluded", sentence: "Out by name, whatever the rules say." },
};

export default function SegmentPage() {
  const { segment: key = "" } = useParams();
  const query = useQuery(segment(usePlace(), key));
  if (query.isPending) return <Loading rows={6} />;
  if (query.isError) return <Failed error={query.error} retry={() => void query.refetch()} />;
  return <SegmentOf key={key} view={query.data} />;
}

function SegmentOf({ view }: { view: SegmentView }) {
  const draft = useDraft(edited(view), view.version, segmentInstructions);
  const { now, edit, instructions } = draft;
  const change = useChangeSegment(usePlace(), view.key);
  const told = useTold();
  const readOnly = !useMay("writer");
  const saved = (edited: Schema["Edited"]) => {
    draft.discard();
    told(edited, `${view.name} is changed`);
  };
  const save = () => change.mutate({ instructions, version: draft.version }, { onSuccess: saved });
  return (
    <>
      {instructions.length > 0 && <LeaveGuard />}
      <PageHead
        title={view.name}
        sentence={view.description || "In by name, else out by name, else in when a rule matches."}
        actions={
          !readOnly && (
            <>
              <Delete view={view} />
              {instructions.length > 0 && (
                <Button variant="default" onClick={draft.discard}>
                  Discard
                </Button>
              )}
              <Button
                onClick={save}
                loading={change.isPending}
                disabled={instructions.length === 0 || draft.overtaken}
              >
                Save
              </Button>
            </>
          )
        }
      />
      <Stack>
        <Copy text={view.key} label="Copy the key" />
        {draft.overtaken && (
          <MeaningLabel meaning="suspect">
            Somebody has changed this segment since you began. Discard your edit to see it.
          </MeaningLabel>
        )}
        <ProblemNote error={change.error} />
        {view.unbounded ? (
          <>
            <BigMembers segment={view.key} kind={view.unboundedContextKind ?? USER} readOnly={readOnly} />
            <UploadMembers segment={view.key} readOnly={readOnly} />
          </>
        ) : (
          LISTS.map((list) => (
            <MembersPanel
              key={list}
              {...LIST_WORDS[list]}
              members={now[list]}
              readOnly={readOnly}
              onChange={(members) => edit({ [list]: members })}
            />
          ))
        )}
        <SegmentRules rules={now.rules} readOnly={readOnly} onChange={(rules) => edit({ rules })} />
      </Stack>
    </>
  );
}

function Delete({ view }: { view: SegmentView }) {
  const to = useTo();
  const navigate = useNavigate();
  const remove = useDeleteSegment(usePlace(), view.key);
  const undo = useUndo();
  return (
    <Confirm
      verb={`Delete ${view.name}`}
      consequence="It is refused as long as a flag or another segment names it. It can be undone."
      onConfirm={() =>
        remove.mutate(view.version, {
          onSuccess: ({ seq }) => {
            navigate(to("/segments"));
            done({ message: `${view.name} is deleted, by change ${seq}.`, undo: () => undo.mutate(seq) });
          },
        })
      }
      variant="default"
      loading={remove.isPending}
    >
      Delete
    </Confirm>
  );
}
