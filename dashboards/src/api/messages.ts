// Written by scripts/messages.mjs from proto/entrobench/v1: do not edit.

export type Capability =
  | 'CAPABILITY_UNSPECIFIED'
  | 'CAPABILITY_GENERATE'
  | 'CAPABILITY_TOP_LOGPROBS'
  | 'CAPABILITY_STEP'
  | 'CAPABILITY_FULL_LOGITS'
  | 'CAPABILITY_FORK'
  | 'CAPABILITY_HIDDEN_STATES'
  | 'CAPABILITY_ATTENTION'
  | 'CAPABILITY_ROLLBACK'
  | 'CAPABILITY_CLASSIFY';

export type Keep =
  | 'KEEP_UNSPECIFIED'
  | 'KEEP_ALL'
  | 'KEEP_TEXT'
  | 'KEEP_NUMBERS';

export type ModelInfoKind =
  | 'KIND_UNSPECIFIED'
  | 'KIND_GGUF'
  | 'KIND_ENDPOINT'
  | 'KIND_TORCH';

export type ParameterType =
  | 'TYPE_UNSPECIFIED'
  | 'TYPE_INTEGER'
  | 'TYPE_REAL'
  | 'TYPE_BOOLEAN'
  | 'TYPE_TEXT'
  | 'TYPE_MODELS';

export type State =
  | 'STATE_UNSPECIFIED'
  | 'STATE_RUNNING'
  | 'STATE_DONE'
  | 'STATE_FAILED'
  | 'STATE_CANCELLED';

export type Verdict =
  | 'VERDICT_UNSPECIFIED'
  | 'VERDICT_PASS'
  | 'VERDICT_REGRESSION'
  | 'VERDICT_INCONCLUSIVE';

export interface AddDataReply {
  suite?: SuiteInfo;
}

export interface AddDataRequest {
  suite: string;
  digest: string;
  fileName: string;
  definition: string;
}

export interface AddModelReply {
  model?: ModelInfo;
}

export interface AddModelRequest {
  model?: ModelInfo;
}

export interface AtK {
  k: number;
  value: number;
}

export interface Baseline {
  name: string;
  sweepId: number;
  trialId: number;
  setBy: string;
  setAt: string;
  note: string;
}

export interface Branch {
  index: number;
  parent: number;
  forkedAt: number;
  text: string;
  tokens?: TokenTrace;
  answer: string;
  finish: string;
}

export interface Breakdown {
  group: string;
  samples: number;
  score: number;
  interval?: Interval;
  meanEntropy: number;
  tokens: number;
}

export interface Change {
  sweeps: number[];
  suites: string[];
  trials: number[];
  manyTrials: boolean;
  workers: boolean;
  catalogue: boolean;
  gates: boolean;
  sequence: number;
}

export interface CompanionModel {
  parameter: string;
  model?: ModelConfig;
}

export interface CompareRequest {
  a?: Side;
  b?: Side;
  suite: string;
  model: string;
}

export interface Comparison {
  a: LeaderboardRow;
  b: LeaderboardRow;
  problems: number;
  pairs: number;
  bothRight: number;
  onlyA: number;
  onlyB: number;
  neither: number;
  delta: number;
  deltaInterval?: Interval;
  intervalKind: string;
  pValue: number;
  test: string;
  flipped: FlippedProblem[];
  verdict: string;
}

export interface ConditionalNeed {
  parameter: string;
  value?: Value;
  need: Capability;
}

export interface CoverageRisk {
  coverage: number;
  risk: number;
}

export interface DeleteBaselineReply {
}

export interface DeleteBaselineRequest {
  name: string;
}

export interface DrainWorkerReply {
}

export interface DrainWorkerRequest {
  name: string;
}

export interface FailedJob {
  jobId: number;
  trialId: number;
  begin: number;
  end: number;
  errors: string[];
}

export interface FlippedProblem {
  sampleId: number;
  scoreA: number;
  scoreB: number;
  trialA: number;
  trialB: number;
  answerA: string;
  answerB: string;
  group: string;
}

export interface GateCheck {
  suite: string;
  model: string;
  method: MethodConfig;
  comparison: Comparison;
  verdict: Verdict;
  pNonInferior: number;
  pWorse: number;
  eNonInferior: number;
  eWorse: number;
  moreSamples: number;
  reason: string;
}

export interface GateReport {
  id: number;
  verdict: Verdict;
  checks: GateCheck[];
  unmatched: string[];
  request?: GateRequest;
  ranAt: string;
  baselineSweepId: number;
  baselineTrialId: number;
  summary: string;
}

export interface GateRequest {
  baseline: string;
  candidateSweepId: number;
  metric: string;
  margin: number;
  alpha: number;
  sequential: boolean;
  record: boolean;
}

export interface GetSampleReply {
  trial: TrialStatus;
  sample: SampleResult;
  provenance: Provenance;
}

export interface GetSampleRequest {
  trialId: number;
  sampleId: number;
}

export interface GetServerRequest {
}

export interface GetSweepReply {
  status: SweepStatus;
  yaml: string;
  trials: TrialStatus[];
  failures: FailedJob[];
}

export interface GetSweepRequest {
  id: number;
}

export interface GetTrialRequest {
  id: number;
}

export interface Gpu {
  name: string;
  memoryBytes: number;
}

export interface HostInventory {
  host: string;
  cores: number;
  memoryBytes: number;
  gpus: Gpu[];
  labels: string[];
  cpu: string;
  blas: string;
}

export interface Interval {
  low: number;
  high: number;
}

export interface Leaderboard {
  suite: string;
  primaryMetric: string;
  rows: LeaderboardRow[];
  note: string;
  metrics: MetricInfo[];
}

export interface LeaderboardRequest {
  suite: string;
  model: string;
  sweepId: number;
  waitForStatistics: boolean;
}

export interface LeaderboardRow {
  method: MethodConfig;
  model: string;
  modelDigest: string;
  suite: string;
  suiteDigest: string;
  seeds: string[];
  trialIds: number[];
  samples: number;
  samplesWanted: number;
  errors: number;
  score: number;
  scoreInterval?: Interval;
  intervalKind: string;
  tokensPerProblem: number;
  entropyPerToken: number;
  secondsPerProblem: number;
  group: number;
  suiteOptions: string;
  deterministic: boolean;
  problems: number;
  uncertainty?: Uncertainty;
  approximation: string;
  passAtK: AtK[];
  majorityAtK: AtK[];
  family: string;
  sweeps: string[];
  finishedAt: string;
  metrics: Record<string, number>;
}

export interface ListBaselinesReply {
  baselines: Baseline[];
}

export interface ListBaselinesRequest {
}

export interface ListGatesReply {
  gates: GateReport[];
}

export interface ListGatesRequest {
  baseline: string;
  limit: number;
}

export interface ListMethodsReply {
  methods: MethodInfo[];
}

export interface ListMethodsRequest {
}

export interface ListModelsReply {
  models: ModelInfo[];
}

export interface ListModelsRequest {
}

export interface ListPointsReply {
  series: Series[];
}

export interface ListPointsRequest {
  trialId: number;
  series: string[];
  afterStep: number;
  after: boolean;
}

export interface ListSamplesReply {
  trial: TrialStatus;
  samples: SampleResult[];
}

export interface ListSamplesRequest {
  trialId: number;
  wrongOnly: boolean;
  after: number;
  paged: boolean;
  limit: number;
}

export interface ListSuitesReply {
  suites: SuiteInfo[];
}

export interface ListSuitesRequest {
}

export interface ListSweepsReply {
  sweeps: SweepStatus[];
}

export interface ListSweepsRequest {
}

export interface ListWorkersReply {
  workers: WorkerStatus[];
}

export interface ListWorkersRequest {
}

export interface MethodConfig {
  id: string;
  version: string;
  params: Record<string, Value>;
}

export interface MethodInfo {
  id: string;
  version: string;
  family: string;
  title: string;
  summary: string;
  equation: string;
  paper?: Paper;
  rival: boolean;
  parameters: Parameter[];
  needs: Capability[];
  cost: string;
  conditionalNeeds: ConditionalNeed[];
  approximation: string;
  approximateNeeds: Capability[];
  learns: boolean;
}

export interface MetricInfo {
  name: string;
  meaning: string;
  column: boolean;
}

export interface ModelConfig {
  name: string;
  kind: ModelInfoKind;
  digest: string;
  sizeBytes: number;
  endpointUrl: string;
  endpointModel: string;
  apiKeyEnv: string;
}

export interface ModelInfo {
  name: string;
  kind: ModelInfoKind;
  digest: string;
  sizeBytes: number;
  capabilities: Capability[];
  description: string;
  builtin: boolean;
  addedAt: string;
  endpointUrl: string;
  endpointModel: string;
  apiKeyEnv: string;
}

export interface Paper {
  title: string;
  authors: string;
  year: number;
  url: string;
}

export interface Parameter {
  name: string;
  type: ParameterType;
  defaultValue?: Value;
  minimum: number;
  maximum: number;
  choices: string[];
  meaning: string;
}

export interface Provenance {
  worker: string;
  host: string;
  build: string;
  recordedAt: string;
  epoch: number;
  jobId: number;
  reusedFromTrial: number;
}

export interface ReliabilityBin {
  samples: number;
  confidence: number;
  accuracy: number;
}

export interface Resources {
  cores: number;
  memoryBytes: number;
  gpus: number;
  gpuMemoryBytes: number;
  labels: string[];
}

export interface SamplePayload {
  prompt: string;
  question: string;
  gold: string;
  branches: Branch[];
  judgement: string;
  notes: Record<string, string>;
}

export interface SampleResult {
  sampleId: number;
  score: number;
  answer: string;
  confidence?: number;
  meanEntropy: number;
  meanLogprob: number;
  promptTokens: number;
  generatedTokens: number;
  branches: number;
  seconds: number;
  group: string;
  metrics: Record<string, number>;
  error: string;
  payload?: SamplePayload;
  uncertainty?: number;
}

export interface Series {
  name: string;
  step: number[];
  value: number[];
}

export interface Server {
  version: string;
  build: string;
  dataDir: string;
  startedAt: string;
  webAddress: string;
  sweeps: number;
  samples: number;
  workers: number;
}

export interface SetBaselineRequest {
  name: string;
  sweepId: number;
  trialId: number;
  setBy: string;
  note: string;
}

export interface Side {
  sweepId?: number;
  trialId?: number;
  baseline?: string;
  method: string;
}

export interface SubmitSweepReply {
  sweep?: SweepStatus;
  warnings: string[];
}

export interface SubmitSweepRequest {
  yaml: string;
  fileName: string;
  fresh: boolean;
  dryRun: boolean;
}

export interface SuiteConfig {
  id: string;
  digest: string;
  samples: number;
  options: Record<string, Value>;
  ordered: boolean;
  data?: SuiteData;
  definition: string;
  version: string;
  family: string;
}

export interface SuiteData {
  digest: string;
  sizeBytes: number;
  fileName: string;
}

export interface SuiteInfo {
  id: string;
  version: string;
  family: string;
  title: string;
  summary: string;
  samples: number;
  ordered: boolean;
  digest: string;
  needsData: boolean;
  dataFormat: string;
  data?: SuiteData;
  definition: string;
  options: Parameter[];
  needsModel: boolean;
  primaryMetric: string;
  metrics: MetricInfo[];
}

export interface SweepRef {
  id: number;
}

export interface SweepStatus {
  id: number;
  name: string;
  state: State;
  createdAt: string;
  finishedAt: string;
  trials: number;
  trialsDone: number;
  samples: number;
  samplesDone: number;
  samplesReused: number;
  jobs: number;
  jobsDone: number;
  jobsRunning: number;
  jobsFailed: number;
  workers: number;
  note: string;
}

export interface TokenTrace {
  text: string[];
  logprob: number[];
  entropy: number[];
  varentropy: number[];
  top: TopTokens[];
}

export interface TopTokens {
  text: string[];
  logprob: number[];
}

export interface Trial {
  id: number;
  sweepId: number;
  method: MethodConfig;
  model: ModelConfig;
  suite: SuiteConfig;
  seed: string;
  deterministic: boolean;
  samples: number;
  cell: string;
  keep: Keep;
  resources?: Resources;
  companions: CompanionModel[];
  approximation: string;
}

export interface TrialDetail {
  status: TrialStatus;
  breakdown: Breakdown[];
  uncertainty?: Uncertainty;
  series: string[];
  metrics: Record<string, number>;
  sweepName: string;
}

export interface TrialStatus {
  trial: Trial;
  state: State;
  totals: TrialTotals;
  jobs: number;
  jobsDone: number;
  jobsFailed: number;
}

export interface TrialTotals {
  samples: number;
  errors: number;
  scoreSum: number;
  scoreSquareSum: number;
  correct: number;
  generatedTokens: number;
  promptTokens: number;
  entropySum: number;
  confidenceSum: number;
  confidenceCount: number;
  secondsSum: number;
  reused: number;
}

export interface Uncertainty {
  samples: number;
  wrong: number;
  auroc: number;
  aurocInterval?: Interval;
  aurc: number;
  prr: number;
  ece: number;
  brier: number;
  riskAt80: number;
  reliability: ReliabilityBin[];
  curve: CoverageRisk[];
}

export interface Value {
  integer?: number;
  real?: number;
  boolean?: boolean;
  text?: string;
}

export interface WorkerStatus {
  workerId: string;
  name: string;
  inventory?: HostInventory;
  build: string;
  connected: boolean;
  draining: boolean;
  lastSeen: string;
  warmModels: string[];
  runningJobs: number;
  methods: number;
  jobsDone: number;
}

// Unary rpcs: what is asked, what is answered.
export interface Rpcs {
  GetServer: { request: GetServerRequest; reply: Server };
  SubmitSweep: { request: SubmitSweepRequest; reply: SubmitSweepReply };
  ListSweeps: { request: ListSweepsRequest; reply: ListSweepsReply };
  GetSweep: { request: GetSweepRequest; reply: GetSweepReply };
  CancelSweep: { request: SweepRef; reply: SweepStatus };
  RetrySweep: { request: SweepRef; reply: SweepStatus };
  GetTrial: { request: GetTrialRequest; reply: TrialDetail };
  ListPoints: { request: ListPointsRequest; reply: ListPointsReply };
  Compare: { request: CompareRequest; reply: Comparison };
  SetBaseline: { request: SetBaselineRequest; reply: Baseline };
  ListBaselines: { request: ListBaselinesRequest; reply: ListBaselinesReply };
  DeleteBaseline: { request: DeleteBaselineRequest; reply: DeleteBaselineReply };
  RunGate: { request: GateRequest; reply: GateReport };
  ListGates: { request: ListGatesRequest; reply: ListGatesReply };
  GetLeaderboard: { request: LeaderboardRequest; reply: Leaderboard };
  ListSamples: { request: ListSamplesRequest; reply: ListSamplesReply };
  GetSample: { request: GetSampleRequest; reply: GetSampleReply };
  ListMethods: { request: ListMethodsRequest; reply: ListMethodsReply };
  ListSuites: { request: ListSuitesRequest; reply: ListSuitesReply };
  ListModels: { request: ListModelsRequest; reply: ListModelsReply };
  ListWorkers: { request: ListWorkersRequest; reply: ListWorkersReply };
  DrainWorker: { request: DrainWorkerRequest; reply: DrainWorkerReply };
  AddData: { request: AddDataRequest; reply: AddDataReply };
  AddModel: { request: AddModelRequest; reply: AddModelReply };
}

// What decode() in json.ts has to do: fields whose numbers may come as text ("number"), and messages with such fields.
// "{}" before a name: the values of a map.
export const decoded: Record<string, Record<string, string>> = {
  AddDataReply: { suite: 'SuiteInfo' },
  AddModelReply: { model: 'ModelInfo' },
  AddModelRequest: { model: 'ModelInfo' },
  AtK: { value: 'number' },
  Baseline: { sweepId: 'number', trialId: 'number' },
  Branch: { tokens: 'TokenTrace' },
  Breakdown: { samples: 'number', score: 'number', interval: 'Interval', meanEntropy: 'number', tokens: 'number' },
  Change: { sweeps: 'number', trials: 'number', sequence: 'number' },
  CompanionModel: { model: 'ModelConfig' },
  CompareRequest: { a: 'Side', b: 'Side' },
  Comparison: { a: 'LeaderboardRow', b: 'LeaderboardRow', problems: 'number', pairs: 'number', bothRight: 'number', onlyA: 'number', onlyB: 'number', neither: 'number', delta: 'number', deltaInterval: 'Interval', pValue: 'number', flipped: 'FlippedProblem' },
  ConditionalNeed: { value: 'Value' },
  CoverageRisk: { coverage: 'number', risk: 'number' },
  FailedJob: { jobId: 'number', trialId: 'number', begin: 'number', end: 'number' },
  FlippedProblem: { sampleId: 'number', scoreA: 'number', scoreB: 'number', trialA: 'number', trialB: 'number' },
  GateCheck: { method: 'MethodConfig', comparison: 'Comparison', pNonInferior: 'number', pWorse: 'number', eNonInferior: 'number', eWorse: 'number', moreSamples: 'number' },
  GateReport: { id: 'number', checks: 'GateCheck', request: 'GateRequest', baselineSweepId: 'number', baselineTrialId: 'number' },
  GateRequest: { candidateSweepId: 'number', margin: 'number', alpha: 'number' },
  GetSampleReply: { trial: 'TrialStatus', sample: 'SampleResult', provenance: 'Provenance' },
  GetSampleRequest: { trialId: 'number', sampleId: 'number' },
  GetSweepReply: { status: 'SweepStatus', trials: 'TrialStatus', failures: 'FailedJob' },
  GetSweepRequest: { id: 'number' },
  GetTrialRequest: { id: 'number' },
  Gpu: { memoryBytes: 'number' },
  HostInventory: { memoryBytes: 'number', gpus: 'Gpu' },
  Interval: { low: 'number', high: 'number' },
  Leaderboard: { rows: 'LeaderboardRow', metrics: 'MetricInfo' },
  LeaderboardRequest: { sweepId: 'number' },
  LeaderboardRow: { method: 'MethodConfig', trialIds: 'number', samples: 'number', samplesWanted: 'number', errors: 'number', score: 'number', scoreInterval: 'Interval', tokensPerProblem: 'number', entropyPerToken: 'number', secondsPerProblem: 'number', problems: 'number', uncertainty: 'Uncertainty', passAtK: 'AtK', majorityAtK: 'AtK', metrics: '{}number' },
  ListBaselinesReply: { baselines: 'Baseline' },
  ListGatesReply: { gates: 'GateReport' },
  ListMethodsReply: { methods: 'MethodInfo' },
  ListModelsReply: { models: 'ModelInfo' },
  ListPointsReply: { series: 'Series' },
  ListPointsRequest: { trialId: 'number', afterStep: 'number' },
  ListSamplesReply: { trial: 'TrialStatus', samples: 'SampleResult' },
  ListSamplesRequest: { trialId: 'number', after: 'number' },
  ListSuitesReply: { suites: 'SuiteInfo' },
  ListSweepsReply: { sweeps: 'SweepStatus' },
  ListWorkersReply: { workers: 'WorkerStatus' },
  MethodConfig: { params: '{}Value' },
  MethodInfo: { paper: 'Paper', parameters: 'Parameter', conditionalNeeds: 'ConditionalNeed' },
  ModelConfig: { sizeBytes: 'number' },
  ModelInfo: { sizeBytes: 'number' },
  Parameter: { defaultValue: 'Value', minimum: 'number', maximum: 'number' },
  Provenance: { jobId: 'number', reusedFromTrial: 'number' },
  ReliabilityBin: { samples: 'number', confidence: 'number', accuracy: 'number' },
  Resources: { memoryBytes: 'number', gpuMemoryBytes: 'number' },
  SamplePayload: { branches: 'Branch' },
  SampleResult: { sampleId: 'number', score: 'number', confidence: 'number', meanEntropy: 'number', meanLogprob: 'number', seconds: 'number', metrics: '{}number', payload: 'SamplePayload', uncertainty: 'number' },
  Series: { step: 'number', value: 'number' },
  Server: { sweeps: 'number', samples: 'number', workers: 'number' },
  SetBaselineRequest: { sweepId: 'number', trialId: 'number' },
  Side: { sweepId: 'number', trialId: 'number' },
  SubmitSweepReply: { sweep: 'SweepStatus' },
  SuiteConfig: { samples: 'number', options: '{}Value', data: 'SuiteData' },
  SuiteData: { sizeBytes: 'number' },
  SuiteInfo: { samples: 'number', data: 'SuiteData', options: 'Parameter', metrics: 'MetricInfo' },
  SweepRef: { id: 'number' },
  SweepStatus: { id: 'number', trials: 'number', trialsDone: 'number', samples: 'number', samplesDone: 'number', samplesReused: 'number', jobs: 'number', jobsDone: 'number', jobsRunning: 'number', jobsFailed: 'number', workers: 'number' },
  TokenTrace: { logprob: 'number', entropy: 'number', varentropy: 'number', top: 'TopTokens' },
  TopTokens: { logprob: 'number' },
  Trial: { id: 'number', sweepId: 'number', method: 'MethodConfig', model: 'ModelConfig', suite: 'SuiteConfig', samples: 'number', resources: 'Resources', companions: 'CompanionModel' },
  TrialDetail: { status: 'TrialStatus', breakdown: 'Breakdown', uncertainty: 'Uncertainty', metrics: '{}number' },
  TrialStatus: { trial: 'Trial', totals: 'TrialTotals', jobs: 'number', jobsDone: 'number', jobsFailed: 'number' },
  TrialTotals: { samples: 'number', errors: 'number', scoreSum: 'number', scoreSquareSum: 'number', correct: 'number', generatedTokens: 'number', promptTokens: 'number', entropySum: 'number', confidenceSum: 'number', confidenceCount: 'number', secondsSum: 'number', reused: 'number' },
  Uncertainty: { samples: 'number', wrong: 'number', auroc: 'number', aurocInterval: 'Interval', aurc: 'number', prr: 'number', ece: 'number', brier: 'number', riskAt80: 'number', reliability: 'ReliabilityBin', curve: 'CoverageRisk' },
  Value: { integer: 'number', real: 'number' },
  WorkerStatus: { inventory: 'HostInventory', runningJobs: 'number', methods: 'number', jobsDone: 'number' },
};

export const replies: Record<keyof Rpcs, string> = {
  GetServer: 'Server',
  SubmitSweep: 'SubmitSweepReply',
  ListSweeps: 'ListSweepsReply',
  GetSweep: 'GetSweepReply',
  CancelSweep: 'SweepStatus',
  RetrySweep: 'SweepStatus',
  GetTrial: 'TrialDetail',
  ListPoints: 'ListPointsReply',
  Compare: 'Comparison',
  SetBaseline: 'Baseline',
  ListBaselines: 'ListBaselinesReply',
  DeleteBaseline: 'DeleteBaselineReply',
  RunGate: 'GateReport',
  ListGates: 'ListGatesReply',
  GetLeaderboard: 'Leaderboard',
  ListSamples: 'ListSamplesReply',
  GetSample: 'GetSampleReply',
  ListMethods: 'ListMethodsReply',
  ListSuites: 'ListSuitesReply',
  ListModels: 'ListModelsReply',
  ListWorkers: 'ListWorkersReply',
  DrainWorker: 'DrainWorkerReply',
  AddData: 'AddDataReply',
  AddModel: 'AddModelReply',
};
