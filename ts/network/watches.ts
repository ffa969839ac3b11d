import { checkpoints } from "../files/checkpoints.js";
import type { Fingerprint } from "../files/fingerprint.js";
import { classWeights } from "../training/class-weight.js";
import { earlyStopping } from "../training/early-stopping.js";
import type { Watch } from "../training/observer.js";
import { reduceOnPlateau } from "../training/reduce-on-plateau.js";
import type { FitState } from "../training/state.js";
import { validation } from "../training/validation.js";
import { weightAverage } from "../training/weight-average.js";
import type { FitSettings } from "./fit-options.js";

/** Where a fit was when it was written down, and a digest of its data set. */
export interface UnfinishedFit {
  readonly state: FitState;
  readonly data: Fingerprint;
  readonly validationData?: Fingerprint | undefined;
}

/**
 * Those who watch a fit, each behind those whose work it looks at: the average is in the network before validation looks at it,
 * examples are held back before they are weighed, and a checkpoint has what all others know. `before`: of a fit that is taken up again.
 */
export function watchesOf(given: FitSettings, before: UnfinishedFit | undefined): readonly Watch[] {
  const { checkpoint, onCheckpoint } = given;
  const { state } = before ?? {};
  return [
    ...(given.weightAverage === undefined ? [] : [weightAverage(given.weightAverage, state?.average)]),
    ...(given.validation === undefined ? [] : [validation(given.validation, state?.validation)]),
    ...(given.classWeight === undefined ? [] : [classWeights(given.classWeight)]),
    ...(given.reduceOnPlateau === undefined ? [] : [reduceOnPlateau(given.reduceOnPlateau, state?.plateau)]),
    ...(given.earlyStopping === undefined ? [] : [earlyStopping(given.earlyStopping, state?.stopping)]),
    ...(checkpoint === undefined
      ? []
      : [
          checkpoints({
            checkpoint,
            onCheckpoint,
            data: before?.data,
            validationData: before?.validationData,
          }),
        ]),
  ];
}
