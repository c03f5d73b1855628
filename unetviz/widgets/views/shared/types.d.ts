// What the views know of their widgets: the traits of each, and a model that holds them.

/** What a view needs of a model: a widget's in Jupyter, any object like it on another page. */
export interface Model<State> {
  get<Name extends keyof State>(name: Name): State[Name];
  set<Name extends keyof State>(name: Name, value: State[Name]): void;
  save_changes(): void;
  on(events: string, act: () => void): void;
  off(events?: string | null, act?: (() => void) | null): void;
}

export interface View<State> {
  model: Model<State>;
  el: HTMLElement;
}

/** Row and column. */
export type Pixel = number[];
/** Top, left, bottom, right; the last row and column do not belong to it. */
export type Corners = number[];

export interface Box {
  top: number;
  left: number;
  bottom: number;
  right: number;
}

/** The box of a map that belongs to a pixel; null if there is none. */
export type LookUp = (name: string, pixel: Pixel) => Box | null;

/** As `box_tables.py` writes them. Of each map: low end, its steps, high end, its steps. */
export interface BoxTables {
  rows?: Record<string, number[]>;
  columns?: Record<string, number[]> | null;
  steps?: string[];
}

export type Attributes = Record<string, string | number | boolean | ((event: Event) => void)>;

export interface UState {
  svg: string;
  label: string;
  names: string[];
  step: number;
  fading: boolean;
  revealed: number;
  playing: boolean;
  areas: Record<string, number[]>;
  box_tables: BoxTables;
  point: Pixel;
  _channel: string;
}

export interface Mark {
  box: Corners;
  kind: string;
  words: string;
  size: string;
}

export interface ShownBox {
  name: string;
  kind: string;
  words: string;
  sign?: string;
  offset?: number[];
}

export interface ImageWords {
  point?: string;
  remark?: string;
  none?: string;
  help?: string;
  held?: string;
}

export interface ImageState {
  image: BlobPart;
  origin: Pixel;
  size: number[];
  zoom: number;
  pitch: number[];
  marks: Mark[];
  area: Corners;
  point: Pixel;
  held: boolean;
  box_tables: BoxTables;
  boxes: ShownBox[];
  words: ImageWords;
  label: string;
  _channel: string;
}

export interface Grid {
  name: string;
  title: string;
  rows: string[][];
  sign: string;
  editable: boolean;
  shades?: string[][];
  dark?: boolean[][];
  marked?: boolean[][];
}

/** For each cell of `to` the cells of `from` that make it, with their weights. */
export interface Link {
  from: string;
  to: string;
  cells: (string | number)[][][];
}

export interface GridState {
  grids: Grid[];
  links: Link[];
  main: string;
  step: number;
  sentences: string[];
  edited: (string | number)[];
  playing: boolean;
  label: string;
}

/** What is said about one step. */
export interface Step {
  name: string;
  label: string;
  asked: string | null;
  in: string;
  out: string | null;
  why: string;
  params: string;
  reason: string;
  rule: number;
  hint: string;
  answer: number[] | null;
}

export type Columns = { [Name in keyof Step]: Step[Name][] };

export interface Score {
  right: number;
  helped: number;
  skipped: number;
}

type Sentences<Names extends string> = Record<Names, string>;

export type StepWords = Sentences<
  "back" | "next" | "play" | "pause" | "speed" | "place" | "predict" | "copy" | "copied" | "line"
> &
  Sentences<"facts" | "facts_input" | "params" | "table" | "totals_hidden"> &
  Sentences<"height" | "width" | "check" | "fails" | "fits" | "skip" | "skipped" | "question"> &
  Sentences<"number" | "right" | "wrong" | "wrong_again" | "and_hint" | "finished" | "score"> & {
    speeds: (string | number)[][];
    columns: string[];
  };

export interface StepState {
  words: StepWords;
  steps: Columns;
  totals: string;
  line: string;
  step: number;
  revealed: number;
  predict: boolean;
  playing: boolean;
  seconds: number;
  tries: number;
  score: Score;
  plain: boolean;
}

export interface FileState {
  accept: string;
  largest: number;
  content: DataView;
  picked: { name?: string; size?: number; number?: number };
  words: { label: string };
}
