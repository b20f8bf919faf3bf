// The way from nobody to everyone, the present step open.
import { Text } from "@mantine/core";
import { duration } from "../lib/time";
import { Instant } from "../ui/Instant";
import { Panel } from "../ui/Panel";
import classes from "./releases.module.css";
import { audience, isOpen, type Release, type Step, span } from "./words";

export function Path({ release }: { release: Release }) {
  const { plan, progress } = release;
  return (
    <Panel title="Path" sentence={plan.notes.length > 0 ? plan.notes.join(" ") : undefined}>
      <ol className={classes.path}>
        {plan.steps.map((step, place) => {
          const state = stateAt(release, place);
          return (
            <li
              // biome-ignore lint/suspicious/noArrayIndexKey: a step is its place
              key={place}
              className={classes.step}
              data-state={state}
              data-held={release.state === "held" || undefined}
              aria-current={state === "now" ? "step" : undefined}
            >
              <Text size="sm" fw={state === "now" ? 600 : undefined}>
                {step.name}
              </Text>
              <Text size="xs" c="dimmed">
                {step.name === audience(step) ? null : `${upper(audience(step))}. `}
                {state === "now" ? (
                  <Present release={release} />
                ) : (
                  <About step={step} release={release} place={place} />
                )}
              </Text>
            </li>
          );
        })}
      </ol>
      {progress.hold && (
        <Text size="sm" mt="sm" c="var(--suspect)">
          Held <Instant at={progress.hold.since} />: {progress.hold.sentence}
        </Text>
      )}
    </Panel>
  );
}

function stateAt(release: Release, place: number): "done" | "now" | "ahead" {
  const { step } = release.progress;
  if (place === step && isOpen(release)) return "now";
  return release.progress.taken.some((taken) => taken.step === place) ? "done" : "ahead";
}

function Present({ release: { plan, progress } }: { release: Release }) {
  const step = plan.steps[progress.step];
  return (
    <>
      Since <Instant at={progress.stepStartedAt} />
      {step && asks(step)}.
    </>
  );
}

function About({ step, release, place }: { step: Step; release: Release; place: number }) {
  const taken = release.progress.taken.find((one) => one.step === place);
  if (taken?.endedAt) {
    return <>Took {duration(new Date(taken.endedAt).getTime() - new Date(taken.startedAt).getTime())}.</>;
  }
  if (taken) return <>Reached.</>;
  const needs = asks(step).slice(2);
  return needs === "" ? null : <>{upper(needs)}.</>;
}

/** `, 5 min at least, 50 units in each arm`; empty when it asks for nothing. */
function asks({ minimumSeconds, minimumUnits = 0 }: Step): string {
  const time = minimumSeconds > 0 ? `, ${span(minimumSeconds)} at least` : "";
  return minimumUnits > 0 ? `${time}, ${minimumUnits} units in each arm` : time;
}

function upper(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
