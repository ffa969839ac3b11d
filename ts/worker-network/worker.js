// The worker of a WorkerNetwork. In the package it is one file with the whole library in it (scripts/dist.mjs).
import { serve } from "./serve.ts";

serve();
