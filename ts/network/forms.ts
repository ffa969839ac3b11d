import type { LayersConfig, NetworkConfig, WidthsConfig } from "../config/network-config.js";
import type {
  AnyLayerParameters,
  AnyLayerParametersInput,
  LayerParameters,
  LayerParametersInput,
} from "../model/parameters.js";

/** What follows from how a network was configured: by its widths, or by any layers. */
export interface AnyForm {
  readonly config: NetworkConfig;
  readonly parameters: AnyLayerParameters;
  readonly parametersInput: AnyLayerParametersInput;
}

/** Of {@link NetworkOptions}. */
export interface WidthsForm extends AnyForm {
  readonly config: WidthsConfig;
  readonly parameters: LayerParameters;
  readonly parametersInput: LayerParametersInput;
}

/** Of {@link LayersOptions}. */
export interface LayersForm extends AnyForm {
  readonly config: LayersConfig;
}
