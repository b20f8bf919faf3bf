// Replaces all members of a big segment by a file, and shows how far that has come.
import { Button, FileButton, Group, Progress, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { usePlace } from "../../app/place";
import { Confirm } from "../../ui/Confirm";
import { Instant } from "../../ui/Instant";
import { MeaningLabel } from "../../ui/Meaning";
import { Panel } from "../../ui/Panel";
import { ProblemNote } from "../../ui/problem";
import { Failed } from "../../ui/States";
import { done } from "../../ui/toast";
import { useAskBeforeUnload } from "../../ui/useAskBeforeUnload";
import {
  members,
  type UploadView,
  underWay,
  uploads,
  useCancelUpload,
  useUploadMembers,
} from "../queries/members";
import { counted } from "../state";
import classes from "./UploadMembers.module.css";
import { bytesWords, percentDone, words } from "./upload";

type Props = { segment: string; readOnly: boolean };

export function UploadMembers({ segment, readOnly }: Props) {
  const place = usePlace();
  const upload = useUploadMembers(place, segment);
  const list = useQuery(uploads(place, segment, upload.isPending));
  const [file, setFile] = useState<File | null>(null);
  const [before, setBefore] = useState<string>();
  const [latest] = list.data ?? [];
  const busy = upload.isPending || (latest !== undefined && underWay(latest));
  // Once the server knows of the upload, the list says what came of it.
  const toldBelow = latest !== undefined && latest.id !== before;
  const send = (chosen: File) => {
    setFile(null);
    setBefore(latest?.id);
    upload.mutate(chosen, {
      onSuccess: (view) => done({ message: words(view) }),
      onError: () => void list.refetch(),
    });
  };
  useAskBeforeUnload(upload.isPending);
  return (
    <Panel
      title="Upload"
      sentence="A CSV file: one key a line, or a column named key and perhaps a column list (included, excluded)."
    >
      <Stack gap="sm">
        {!readOnly && (
          <Group gap="xs">
            <FileButton onChange={setFile} accept=".csv,.txt,text/csv,text/plain">
              {(props) => (
                <Button {...props} variant="default" disabled={busy}>
                  {file ? "Choose another file" : "Choose a file"}
                </Button>
              )}
            </FileButton>
            {file && !busy && (
              <>
                <Text size="sm" className={classes.name}>
                  {file.name}, {bytesWords(file.size)}
                </Text>
                <Replace segment={segment} file={file} onConfirm={() => send(file)} />
              </>
            )}
          </Group>
        )}
        {!toldBelow && <ProblemNote error={upload.error} />}
        {list.isError && <Failed error={list.error} retry={() => void list.refetch()} />}
        {upload.isPending && !toldBelow && <Sending />}
        {latest && (toldBelow || !upload.isPending) && (
          <Latest segment={segment} upload={latest} readOnly={readOnly} />
        )}
        {list.data?.length === 0 && !upload.isPending && (
          <Text size="sm" c="dimmed">
            Nothing has been uploaded yet.
          </Text>
        )}
      </Stack>
    </Panel>
  );
}

/** Asks first; where there are members, for their segment's key too, since they cannot be brought back. */
function Replace({ segment, file, onConfirm }: { segment: string; file: File; onConfirm: () => void }) {
  const { data } = useQuery(members(usePlace(), segment));
  const listed = data && data.included + data.excluded;
  const consequence =
    listed === 0
      ? `${file.name} gives this segment its members, at once, when it is read whole and found right.`
      : `${file.name} takes the place of ${counted(listed ?? 0, "key") || "all keys"} now listed, at once, when it is read whole and found right. That cannot be undone: keep the file that was uploaded last.`;
  return (
    <Confirm
      verb="Replace all members"
      consequence={consequence}
      word={listed === 0 ? undefined : segment}
      onConfirm={onConfirm}
    />
  );
}

/** Before the server has said that it reads. */
function Sending() {
  return (
    <>
      <Progress value={100} animated aria-label="Upload begins" />
      <Text size="sm">Sending the file.</Text>
    </>
  );
}

function Latest({ segment, upload, readOnly }: { segment: string; upload: UploadView; readOnly: boolean }) {
  const cancel = useCancelUpload(usePlace(), segment);
  const percent = percentDone(upload);
  const running = underWay(upload);
  return (
    <Stack gap={6} aria-live="polite">
      {running && (
        <Progress
          value={percent ?? 100}
          animated={percent === null || upload.state === "staged"}
          aria-label={percent === null ? "Upload under way" : `Upload: ${Math.floor(percent)} %`}
        />
      )}
      <Group justify="space-between" gap="xs">
        <Stack gap={0} className={classes.told}>
          {upload.state === "failed" ? (
            <MeaningLabel meaning="suspect">{words(upload)}</MeaningLabel>
          ) : (
            <Text size="sm">{words(upload)}</Text>
          )}
          <Text size="xs" c="dimmed">
            Begun <Instant at={upload.createdAt} /> by {upload.actor.name || "the system"}.
          </Text>
        </Stack>
        {running && !readOnly && (
          <Button
            size="xs"
            variant="default"
            loading={cancel.isPending}
            onClick={() => cancel.mutate(upload.id)}
          >
            Cancel the upload
          </Button>
        )}
      </Group>
    </Stack>
  );
}
