import { describe, FormatError } from "../errors/errors.js";
import { isFloatType } from "./floats.js";
import type { TensorEntry } from "./header.js";

/**
 * What a model holds besides linear layers, told by its tensors' names, shapes and types, in the order in
 * which the rules are tried: the first that fits is the reason why a file can't be loaded.
 */
interface Rule {
  /** What it is, and what can be done. */
  readonly is: string;
  readonly fits: (tensor: TensorEntry, all: ReadonlyMap<string, TensorEntry>) => boolean;
}

const RULES: readonly Rule[] = [
  {
    is:
      "a BatchNorm layer, which can't be loaded yet: fold it into the Linear before it " +
      "(torch.nn.utils.fusion.fuse_linear_bn_eval), and save again",
    fits: named(
      /(^|[./_])(running_mean|running_var|num_batches_tracked|moving_mean|moving_var(iance)?)(:0)?$/,
    ),
  },
  {
    is: "a LoRA adapter: merge it into its model (peft's merge_and_unload), and save that",
    fits: named(/(^|[./_])lora_?(A|B|up|down|embedding|magnitude)/i),
  },
  {
    is: "a weight in parts (weight_norm, spectral_norm, pruning): make it one (parametrize.remove_parametrizations)",
    fits: named(/(^|[./])(parametrizations[./]|weight_(g|v|u|orig|mask)$)/),
  },
  {
    is: "a recurrent layer (GRU, LSTM, RNN), which can't be loaded: only linear layers are",
    fits: named(/(^|[./_])((weight|bias)_[ih]h(_|$)|recurrent_kernel)/),
  },
  {
    is: "an attention layer, which can't be loaded: only linear layers are",
    fits: named(
      /(^|[./_])(in_proj_(weight|bias)|[qkv]_proj|(self_?)?attn|attention|c_attn|qkv|query)([./_]|$)/i,
    ),
  },
  {
    is: "a quantised weight: save the model in float32 before it is quantised",
    fits: ({ name, dtype }) =>
      /^(F[468]_|F4$|[IU]8$)/.test(dtype) ||
      (!isFloatType(dtype) && /(^|[./_])(weight|kernel|bias)(:0)?$/.test(name)) ||
      /(^|[./_])(qweight|qzeros|g_idx|SCB|absmax|(weight|input)_scale(_inv)?|zero_points?)$/.test(name),
  },
  {
    is: "an embedding, which can't be loaded: only linear layers are",
    fits: ({ name, shape }, all) =>
      /(^|[./_])(emb|embed|embeddings?|wte|wpe|embed_\w+)([./_]|$)/i.test(name) &&
      shape.length === 2 &&
      !all.has(name.replace(/weight$/, "bias")),
  },
  {
    is: "a convolution (3 or more dimensions), which can't be loaded: only linear layers are",
    fits: ({ name, shape }) => shape.length >= 3 && /(^|[./_])(weight|kernel)(:0)?$/.test(name),
  },
  {
    is: "the state of an optimizer: save the model alone (model.state_dict())",
    fits: named(/(^|[./_])(exp_avg(_sq)?|momentum_buffer|max_exp_avg_sq)([./_]|$)/),
  },
  {
    is: "a PReLU, which can't be loaded: use relu",
    fits: ({ name, shape }, all) =>
      isVector(shape) &&
      /(^|[./])weight$/.test(name) &&
      !all.has(name.replace(/weight$/, "bias")) &&
      shape[0] === 1,
  },
  {
    is: "a LayerNorm, GroupNorm or other normalisation, which can't be loaded yet: train the model without it",
    fits: ({ name, shape }) => isVector(shape) && /(^|[./_])(weight|gamma|beta)(:0)?$|[./]scale$/.test(name),
  },
];

/** Raises FormatError with the reason if any of the tensors belongs to something else than a linear layer. */
export function refuseOtherLayers(tensors: ReadonlyMap<string, TensorEntry>): void {
  for (const { is, fits } of RULES) {
    for (const tensor of tensors.values()) {
      if (!fits(tensor, tensors)) continue;
      const { name, byteOffset, dtype, shape } = tensor;
      const got = `${dtype} [${shape}] of what seems to be ${is}`;
      throw new FormatError("tensorSet", byteOffset, describe(name), "a tensor of a linear layer", got);
    }
  }
}

function named(pattern: RegExp): Rule["fits"] {
  return ({ name }) => pattern.test(name);
}

function isVector(shape: readonly number[]): boolean {
  return shape.length === 1;
}
