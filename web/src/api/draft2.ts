// The shapes of releases and on-call until docs/openapi.json is generated; replaced by schema.gen.ts.
import type { Client } from "openapi-fetch";
import { api as untyped } from "./client";

type Op<Answer, Body = undefined> = {
  // biome-ignore lint/suspicious/noExplicitAny: replaced by the generated types
  parameters: { [place in "path" | "query" | "header"]?: any };
  responses: { 200: { content: { "application/json": Answer } } };
} & (Body extends undefined
  ? { requestBody?: never }
  : { requestBody: { content: { "application/json": Body } } });
type Page<T> = { items: T[]; next?: string };
type Actor = { kind: "person" | "token" | "release" | "page" | "system"; id: string; name: string };

export type Schema = {
  Actor: Actor;
  Urgency: "low" | "high";
  IncidentState: "triggered" | "acknowledged" | "mitigated" | "resolved";
  Cause: {
    change: number;
    release?: string;
    project: string;
    environment: string;
    flag: string;
    metric?: string;
  };
  Undone: { change: number; by: Actor; at: string };
  Acknowledgement: { by: Actor; at: string };
  Times: {
    started?: string;
    detected: string;
    paged?: string;
    acknowledged?: string;
    mitigated?: string;
    recovered?: string;
    resolved?: string;
  };
  Spans: { toDetectMs?: number; toAcknowledgeMs?: number; toMitigateMs?: number; toRecoverMs?: number };
  OncallStep: { round: number; level: number };
  IncidentProgress: { last?: Schema["OncallStep"]; sinceRound: number; nextAt?: string; stranded: boolean };
  PolicySnapshot: { key: string; version: number; levels: Schema["Level"][]; repeat: number };
  IncidentView: {
    id: string;
    number: number;
    service: string;
    title: string;
    state: Schema["IncidentState"];
    urgency: Schema["Urgency"];
    cause?: Schema["Cause"];
    undone?: Schema["Undone"];
    acknowledgement?: Schema["Acknowledgement"];
    times: Schema["Times"];
    spans: Schema["Spans"];
    policy: Schema["PolicySnapshot"];
    progress: Schema["IncidentProgress"];
    version: number;
  };
  EventKind:
    | "opened"
    | "alert"
    | "verdict"
    | "change"
    | "page"
    | "passed"
    | "raised"
    | "acknowledged"
    | "note"
    | "recovered"
    | "resolved";
  TimelineEvent: {
    n: number;
    at: string;
    kind: Schema["EventKind"];
    actor: Actor;
    sentence: string;
    change?: number;
    page?: string;
  };
  ChangeSummary: {
    seq: number;
    at: string;
    actor: Actor;
    project: string;
    environment?: string;
    noun: "project" | "environment" | "flag" | "configuration" | "segment";
    key: string;
    comment: string;
    sentences: string[];
    undoable: boolean;
  };
  Suspect: {
    change: Schema["ChangeSummary"];
    relation: "caused" | "suspect";
    score: number;
    reasons: string[];
    undoneBy?: number;
  };
  Alert: {
    id: string;
    incident: string;
    service: string;
    dedupKey: string;
    summary: string;
    severity: "critical" | "error" | "warning" | "info";
    details?: Record<string, unknown>;
    count: number;
    openedAt: string;
    lastAt: string;
    resolvedAt?: string;
  };
  PageView: {
    id: string;
    person: string;
    name: string;
    way: string;
    step: Schema["OncallStep"];
    state: "queued" | "sent" | "cancelled";
    attempts: number;
    lastError?: string;
    createdAt: string;
    sentAt?: string;
  };
  IncidentDetail: Schema["IncidentView"] & {
    timeline: Schema["TimelineEvent"][];
    suspects: Schema["Suspect"][];
    alerts: Schema["Alert"][];
    pages: Schema["PageView"][];
  };
  Answer: { outcome: string; sentence: string; incident: Schema["IncidentView"] };
  LinkView: {
    person: string;
    number: number;
    incident: string;
    service: string;
    title: string;
    summary: string;
    state: Schema["IncidentState"];
    urgency: Schema["Urgency"];
    change?: { seq: number; actor: Actor; at: string; sentences: string[] };
    undone?: Schema["Undone"];
    acknowledgement?: Schema["Acknowledgement"];
    canAcknowledge: boolean;
    canUndo: boolean;
    expiresAt: string;
  };
  PersonView: { id: string; name: string };
  ShiftView: { from: string; to: string; people: Schema["PersonView"][]; because: string };
  Gap: { from: string; to: string; deliberate: boolean };
  OverrideView: {
    id: string;
    person?: Schema["PersonView"];
    replaces?: Schema["PersonView"];
    from: string;
    to: string;
    createdBy: string;
  };
  Shifts: { shifts: Schema["ShiftView"][]; gaps: Schema["Gap"][]; overrides: Schema["OverrideView"][] };
  ScheduleDuty: {
    schedule: string;
    name: string;
    people: Schema["PersonView"][];
    until?: string;
    next: Schema["PersonView"][];
  };
  ServiceDuty: {
    service: string;
    name: string;
    levels: { people: Schema["PersonView"][]; missing: string[] }[];
  };
  OnCallNow: { at: string; schedules: Schema["ScheduleDuty"][]; services: Schema["ServiceDuty"][] };
  Rotation: {
    participants: string[];
    anchor: string;
    zone: string;
    turn: { every: number; unit: "hours" | "days" | "weeks" };
    first: number;
  };
  Layer: {
    name: string;
    priority: number;
    rotation: Schema["Rotation"];
    restrictions: { days: string[]; from: string; to: string }[];
  };
  ScheduleView: { key: string; name: string; layers: Schema["Layer"][]; version: number };
  Target: { kind: "person"; person: string } | { kind: "schedule"; schedule: string } | { kind: "catchAll" };
  Level: { targets: Schema["Target"][]; delaySeconds: number };
  PolicyView: { key: string; name: string; levels: Schema["Level"][]; repeat: number; version: number };
  ServiceView: {
    key: string;
    name: string;
    description: string;
    policy: string;
    project?: string;
    environment?: string;
    version: number;
  };
  ContactMethodView: {
    id: string;
    kind: "email" | "webhook";
    address?: string;
    url?: string;
    secret?: string;
    createdAt: string;
    provenAt?: string;
    lastError?: string;
  };
  ContactMethodRequest:
    | { kind: "email"; address: string }
    | { kind: "webhook"; url: string; secret?: string };
  Person: { id: string; email: string; name: string; disabledAt?: string };

  ReleaseState: "walking" | "held" | "completed" | "rolledBack" | "aborted";
  Step: {
    name: string;
    audience: { segment: string } | { percentage: number };
    minimumSeconds: number;
    minimumUnits: number;
  };
  Guard: {
    metric: string;
    weight: number;
    tolerance: { ratio: number; absolute: number };
    onRegression: "rollBack" | "hold";
  };
  Plan: {
    pipeline: string;
    steps: Schema["Step"][];
    notes: string[];
    treatment: number;
    control: number;
    treatmentName: string;
    controlName: string;
    contextKind: string;
    guards: Schema["Guard"][];
    alpha: number;
    service?: string | null;
    deployment?: string | null;
    recoverySeconds: number;
    comment: string;
    startedBy: Actor;
  };
  Progress: {
    step: number;
    stepStartedAt: string;
    taken: { step: number; startedAt: string; endedAt?: string | null }[];
    hold?: { reason: string; sentence: string; since: string } | null;
    decisions: number;
    recovery?: {
      since: string;
      undoneBy?: number;
      stillBad: boolean;
      recoveredAt?: string | null;
      over: boolean;
    } | null;
  };
  Release: {
    id: string;
    project: string;
    environment: string;
    flag: string;
    state: Schema["ReleaseState"];
    version: number;
    createdAt: string;
    endedAt?: string | null;
    plan: Schema["Plan"];
    progress: Schema["Progress"];
  };
  Verdict: "healthy" | "suspect" | "regressed" | "unknown";
  DecisionRecord: {
    release: string;
    n: number;
    at: string;
    step: number;
    action: string;
    verdict?: Schema["Verdict"] | null;
    actor: Actor;
    sentence: string;
    changeSeq?: number | null;
  };
  Counts: { n: number; k: number };
  GuardEvidence: {
    metric: string;
    threshold: number;
    evidence: number;
    series: { start: string; control: Schema["Counts"]; treatment: Schema["Counts"]; evidence: number }[];
  };
  Evidence: {
    guards: Schema["GuardEvidence"][];
    judgement?: Record<string, unknown> | null;
    sentence?: string | null;
  };
  Pipeline: { project: string; key: string; version: number; name: string; steps: Schema["Step"][] };
  ReleaseRequest: {
    flag: string;
    treatment: number;
    control: number;
    pipeline?: string;
    guards: Schema["Guard"][];
    service?: string;
    comment: string;
  };
  FlagView: { key: string; flag: { name: string; variations: { name?: string; value: unknown }[] } };
  MetricView: { key: string; name: string };
};
type S = Schema;
type ScheduleRequest = Pick<S["ScheduleView"], "name" | "layers">;
type PolicyRequest = Pick<S["PolicyView"], "name" | "levels" | "repeat">;
type ServiceRequest = Omit<S["ServiceView"], "key" | "version">;
type Keyed<T> = T & { key: string };
type OverrideRequest = { person: string; replaces?: string; from: string; to: string };

type paths = {
  "/api/people": { get: Op<Page<S["Person"]>> };
  "/api/incidents": { get: Op<Page<S["IncidentView"]>> };
  "/api/incidents/{id}": { get: Op<S["IncidentDetail"]> };
  "/api/incidents/{id}/acknowledge": { post: Op<S["Answer"]> };
  "/api/incidents/{id}/resolve": { post: Op<S["Answer"]> };
  "/api/incidents/{id}/undo": { post: Op<S["Answer"]> };
  "/api/incidents/{id}/note": { post: Op<S["Answer"], { text: string }> };
  "/api/changes/{seq}/undo": { post: Op<S["ChangeSummary"], { comment?: string }> };
  "/api/pages/{code}": { get: Op<S["LinkView"]> };
  "/api/pages/{code}/acknowledge": { post: Op<S["Answer"]> };
  "/api/pages/{code}/undo": { post: Op<S["Answer"]> };
  "/api/on-call": { get: Op<S["OnCallNow"]> };
  "/api/schedules": { get: Op<Page<S["ScheduleView"]>>; post: Op<S["ScheduleView"], Keyed<ScheduleRequest>> };
  "/api/schedules/{schedule}": { put: Op<S["ScheduleView"], ScheduleRequest> };
  "/api/schedules/{schedule}/shifts": { get: Op<S["Shifts"]> };
  "/api/schedules/{schedule}/overrides": { post: Op<S["OverrideView"], OverrideRequest> };
  "/api/schedules/{schedule}/overrides/{id}": { delete: Op<undefined> };
  "/api/policies": { get: Op<Page<S["PolicyView"]>>; post: Op<S["PolicyView"], Keyed<PolicyRequest>> };
  "/api/policies/{policy}": { put: Op<S["PolicyView"], PolicyRequest>; delete: Op<undefined> };
  "/api/services": { get: Op<Page<S["ServiceView"]>>; post: Op<S["ServiceView"], Keyed<ServiceRequest>> };
  "/api/services/{service}": { patch: Op<S["ServiceView"], ServiceRequest> };
  "/api/people/{id}/contact-methods": {
    get: Op<Page<S["ContactMethodView"]>>;
    post: Op<S["ContactMethodView"], S["ContactMethodRequest"]>;
  };
  "/api/people/{id}/contact-methods/{method}": { delete: Op<undefined> };
  "/api/people/{id}/contact-methods/{method}/test": { post: Op<undefined> };

  "/api/releases": { get: Op<Page<S["Release"]>> };
  "/api/releases/{id}": { get: Op<S["Release"]> };
  "/api/releases/{id}/evidence": { get: Op<S["Evidence"]> };
  "/api/releases/{id}/decisions": { get: Op<Page<S["DecisionRecord"]>> };
  "/api/releases/{id}/hold": { post: Op<S["Release"], { comment: string }> };
  "/api/releases/{id}/resume": { post: Op<S["Release"], { comment: string }> };
  "/api/releases/{id}/skip": { post: Op<S["Release"], { comment: string }> };
  "/api/releases/{id}/abort": { post: Op<S["Release"], { comment: string }> };
  "/api/releases/{id}/roll-back": { post: Op<S["Release"], { comment: string }> };
  "/api/projects/{project}/environments/{environment}/releases": {
    get: Op<Page<S["Release"]>>;
    post: Op<S["Release"], S["ReleaseRequest"]>;
  };
  "/api/projects/{project}/pipelines": { get: Op<Page<S["Pipeline"]>> };
  "/api/projects/{project}/metrics": { get: Op<Page<S["MetricView"]>> };
  "/api/projects/{project}/flags": { get: Op<Page<S["FlagView"]>> };
  "/api/projects/{project}/flags/{flag}": { get: Op<S["FlagView"]> };
};

export const api = untyped as unknown as Client<paths>;
