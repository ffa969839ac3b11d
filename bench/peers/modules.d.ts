// What tfjs.ts, jax.ts and brain.ts use of the JavaScript peers, whose packages are there only once the peers suite
// was asked for, while this folder is type-checked always.

declare module "@tensorflow/tfjs" {
  export interface Tensor {
    dispose(): void;
  }
  export interface Variable extends Tensor {
    assign(value: Tensor): void;
  }
  export interface Scalar extends Tensor {
    dataSync(): Float32Array;
  }
  export interface Optimizer {
    minimize(loss: () => Scalar, returnCost: boolean, variables: Variable[]): Scalar | null;
  }
  interface Layer {
    setWeights(weights: Tensor[]): void;
  }
  export interface Sequential {
    readonly layers: Layer[];
    add(layer: Layer): void;
    compile(options: { optimizer: Optimizer; loss: "binaryCrossentropy" }): void;
    trainOnBatch(x: Tensor, y: Tensor): Promise<number | number[]>;
    fit(
      x: Tensor,
      y: Tensor,
      options: { batchSize: number; epochs: number; shuffle: boolean; verbose: 0 },
    ): Promise<unknown>;
  }
  export const version: { readonly tfjs: string };
  export const layers: {
    dense(options: { units: number; activation: "relu" | "sigmoid"; inputShape?: number[] }): Layer;
  };
  export const train: {
    adam(learningRate: number, beta1: number, beta2: number, epsilon: number): Optimizer;
    sgd(learningRate: number): Optimizer;
  };
  export const fused: {
    matMul(options: {
      a: Tensor;
      b: Tensor;
      bias: Tensor;
      transposeB?: boolean;
      activation: "relu" | "linear";
    }): Tensor;
  };
  export const losses: { sigmoidCrossEntropy(labels: Tensor, logits: Tensor): Scalar };
  export function sequential(): Sequential;
  export function tensor2d(values: Float32Array, shape: [number, number]): Tensor;
  export function tensor1d(values: Float32Array): Tensor;
  export function variable(initial: Tensor): Variable;
  export function transpose(matrix: Tensor): Tensor;
  export function dispose(container: object): void;
  export function setBackend(name: "wasm" | "cpu"): Promise<boolean>;
}

declare module "@tensorflow/tfjs-backend-wasm" {
  export function setWasmPaths(folder: string): void;
  export function setThreadsCount(count: number): void;
  export function getThreadsCount(): number;
}

declare module "brain.js" {
  interface Pattern {
    readonly input: number[];
    readonly output: number[];
  }
  export interface NeuralNetwork {
    sizes: number[];
    /** By layer, from 1 on. */
    weights: Float32Array[][];
    biases: Float32Array[];
    initialize(): void;
    run(input: number[]): ArrayLike<number>;
    train(
      data: readonly Pattern[],
      options: { iterations: number; learningRate: number; errorThresh: number },
    ): { iterations: number; error: number };
  }
  const brain: {
    NeuralNetwork: new (options: { hiddenLayers: number[]; activation: "relu" }) => NeuralNetwork;
  };
  export default brain;
}

declare module "@jax-js/jax" {
  export namespace numpy {
    type Numbers = Array | number;
    interface Array {
      /** The same array, for another use of it. */
      readonly ref: Array;
      add(other: Numbers): Array;
      sub(other: Numbers): Array;
      mul(other: Numbers): Array;
      div(other: Numbers): Array;
      reshape(shape: number[]): Array;
      data(): Promise<ArrayLike<number>>;
      dispose(): void;
    }
    const float32: unique symbol;
    function array(values: Float32Array | number, options?: { dtype: typeof float32 }): Array;
    function zerosLike(a: Array): Array;
    function matmul(a: Array, b: Array): Array;
    function transpose(a: Array): Array;
    function ravel(a: Array): Array;
    function abs(a: Array): Array;
    function negative(a: Array): Array;
    function exp(a: Array): Array;
    function log1p(a: Array): Array;
    function sqrt(a: Array): Array;
    function mean(a: Array): Array;
    function maximum(a: Array, b: Numbers): Array;
    function subtract(a: Numbers, b: Array): Array;
    function power(a: Numbers, b: Array): Array;
  }
  export const nn: { relu(a: numpy.Array): numpy.Array };
  export const tree: {
    map<Tree>(f: (...leaves: numpy.Array[]) => numpy.Array, ...trees: Tree[]): Tree;
    ref<Tree>(tree: Tree): Tree;
  };
  export function valueAndGrad<Tree, Rest extends unknown[]>(
    f: (tree: Tree, ...rest: Rest) => numpy.Array,
  ): (tree: Tree, ...rest: Rest) => [numpy.Array, Tree];
  export function jit<Arguments extends unknown[], Result>(
    f: (...inputs: Arguments) => Result,
  ): (...inputs: Arguments) => Result;
  export function init(device: "wasm"): Promise<unknown>;
  export function defaultDevice(device: "wasm"): void;
  export function blockUntilReady(tree: unknown): Promise<void>;
}
