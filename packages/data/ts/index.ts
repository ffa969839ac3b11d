/** From a file to a trained model: readers of data, a preparation that travels with the model. */

export type { ColumnSchema, CsvOptions, ReadProgress, TextOptions } from "./csv/options.js";
export { type CsvChunkOptions, readCsv, readCsvChunks } from "./csv/read-csv.js";
export {
  kFoldTable,
  splitTable,
  type TableDivision,
  type TableFold,
  type TableFoldOptions,
  type TableSplit,
  type TableSplitOptions,
} from "./division/split-table.js";
export { type ImportOptions, importModel } from "./import/import-model.js";
export type { AnyNetwork } from "./model/any-network.js";
export type { ColumnImportance, ExplainOptions } from "./model/explain.js";
export { drawsFor, outputsOf, type ScoreInterval, scoreIntervals } from "./model/intervals.js";
export { joinModels } from "./model/join-models.js";
export { loadModel } from "./model/load-model.js";
export { type Evaluation, Model, type ModelEvaluateOptions } from "./model/model.js";
export type {
  ClassPrediction,
  NumberPrediction,
  Predictions,
  TargetPrediction,
} from "./model/predictions.js";
export { type PreparedTraining, prepareTraining } from "./model/prepared-training.js";
export { littleRoom, littleRoomFor } from "./model/room-on-disk.js";
export type { ClassTargetScores, NumberTargetScores, Scores, TargetScores } from "./model/scores.js";
export { trainModel } from "./model/train-model.js";
export type {
  HiddenLayers,
  NetworkReport,
  TrainingReport,
  TrainOptions,
  TrainSettings,
} from "./model/train-options.js";
export { forgetCheckpoint, type LittleRoom, type TrainCheckpoint } from "./model/training-checkpoint.js";
export type { NetworkSummary, TrainingSummary } from "./model/training-summary.js";
export { writeFile } from "./model/write-file.js";
/** exp, log, sine and cosine of the same bits in every engine. */
export * as elementary from "./pipeline/elementary.js";
export { fitPipeline } from "./pipeline/fit-pipeline.js";
export type { ColumnOptions, Limit, PipelineOptions, Scaling } from "./pipeline/options.js";
export { Pipeline, type Prepared, type ReadOptions, type TransformOptions } from "./pipeline/pipeline.js";
export type {
  ClassTarget,
  ClipStep,
  DatePart,
  DateStep,
  IgnoredColumn,
  ImputeStep,
  NumberStep,
  NumberTarget,
  OneHotStep,
  PipelineJson,
  PreparedColumn,
  QuantileStep,
  ScaleStep,
  Target,
  TruthStep,
} from "./pipeline/plan.js";
export type { Label } from "./pipeline/target-numbers.js";
export { makeFolder } from "./platform/make-folder.js";
export { nearest } from "./platform/nearest.js";
export type { Source } from "./source/source.js";
export type { Encoding } from "./source/text.js";
export {
  isSecretPlace,
  isWebAddress,
  shownPlace,
  type WebAddress,
  webAddress,
} from "./source/web-address.js";
export type { Column, ColumnType, DateColumn, LevelColumn, NumberColumn, Value } from "./table/column.js";
export { type Note, noteSentence, noteText, withoutAdvice } from "./table/note.js";
export { type IdxOptions, readIdx } from "./table/read-idx.js";
export {
  type JsonLinesChunkOptions,
  type JsonLinesOptions,
  readJsonLines,
  readJsonLinesChunks,
} from "./table/read-json-lines.js";
export {
  type ParquetChunkOptions,
  type ParquetOptions,
  readParquet,
  readParquetChunks,
} from "./table/read-parquet.js";
export type { Row } from "./table/row-assembler.js";
export type { ColumnSummary, LevelSummary, NumberSummary } from "./table/summary.js";
export { type Skipped, type SkippedRow, Table } from "./table/table.js";
export { type RowOptions, tableFrom } from "./table/table-from.js";
