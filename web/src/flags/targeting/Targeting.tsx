// Who gets what in this environment, from top to bottom, and its editing.
import { Select, Stack } from "@mantine/core";
import { useMay } from "../../app/session";
import { Panel } from "../../ui/Panel";
import { ReachBar } from "../ReachBar";
import { sharesOf } from "../state";
import { useDraft } from "../useDraft";
import type { FlagHere } from "../useFlag";
import { DependenciesPanel } from "./DependenciesPanel";
import { FamiliesPanel } from "./FamiliesPanel";
import { instructionsBetween } from "./instructions";
import { label } from "./model";
import { PendingBar } from "./PendingBar";
import { PrerequisitesPanel } from "./PrerequisitesPanel";
import { RulesPanel } from "./RulesPanel";
import { Refused, useRefusal } from "./refused";
import { ServeEditor } from "./ServeEditor";
import { StrategiesPanel } from "./StrategiesPanel";
import { TargetsPanel } from "./TargetsPanel";
import { VariantsPanel } from "./variants/VariantsPanel";
import { hasWrong } from "./variants/variants";
import { serveWords } from "./words";

const OWN_DEFAULT = "none";

/** A flag is edited in the words of the rules by which it is evaluated. */
export function Targeting({ here }: { here: FlagHere }) {
  return here.view.bucketing === "unleash" ? <ByStrategies here={here} /> : <ByRules here={here} />;
}

function ByStrategies({ here }: { here: FlagHere }) {
  const draft = useDraft(here.configuration, here.version, instructionsBetween);
  const readOnly = !useMay("writer");
  const { now: configuration, edit } = draft;
  return (
    <Refused.Provider value={useRefusal(here, draft)}>
      <Stack>
        <DependenciesPanel
          own={here.key}
          list={configuration.dependencies}
          readOnly={readOnly}
          onChange={(dependencies) => edit({ dependencies })}
        />
        <StrategiesPanel
          strategies={configuration.strategies}
          readOnly={readOnly}
          onChange={(strategies) => edit({ strategies })}
        />
        <VariantsPanel
          variants={configuration.variants}
          readOnly={readOnly}
          onChange={(variants) => edit({ variants })}
        />
        <FamiliesPanel families={here.families} />
        <PendingBar here={here} draft={draft} wrong={hasWrong(here.configuration, configuration)} />
      </Stack>
    </Refused.Provider>
  );
}

function ByRules({ here }: { here: FlagHere }) {
  const draft = useDraft(here.configuration, here.version, instructionsBetween);
  const readOnly = !useMay("writer");
  const { now: configuration, edit } = draft;
  const { variations } = here;
  return (
    <Stack>
      <PrerequisitesPanel
        own={here.key}
        list={configuration.prerequisites}
        readOnly={readOnly}
        onChange={(prerequisites) => edit({ prerequisites })}
      />
      <TargetsPanel
        targets={configuration.targets}
        variations={variations}
        readOnly={readOnly}
        onChange={(targets) => edit({ targets })}
      />
      <RulesPanel
        rules={configuration.rules}
        variations={variations}
        readOnly={readOnly}
        onChange={(rules) => edit({ rules })}
      />
      <Panel
        title="Everyone else"
        sentence={`gets ${serveWords(configuration.fallthrough, variations)} while the flag is on.`}
      >
        {readOnly ? (
          <ReachBar shares={sharesOf({ ...configuration, on: true }, variations)} size={12} />
        ) : (
          <ServeEditor
            label="Serve"
            serve={configuration.fallthrough}
            variations={variations}
            onChange={(fallthrough) => edit({ fallthrough })}
          />
        )}
      </Panel>
      <Panel title="While off" sentence="everybody gets this.">
        <Select
          aria-label="Off variation"
          maw={320}
          disabled={readOnly}
          data={[
            ...variations.map((_, index) => ({ value: String(index), label: label(variations, index) })),
            { value: OWN_DEFAULT, label: "The SDKs’ own default" },
          ]}
          value={configuration.offVariation === null ? OWN_DEFAULT : String(configuration.offVariation)}
          onChange={(value) => value && edit({ offVariation: value === OWN_DEFAULT ? null : Number(value) })}
          allowDeselect={false}
        />
      </Panel>
      <FamiliesPanel families={here.families} />
      <PendingBar here={here} draft={draft} />
    </Stack>
  );
}
