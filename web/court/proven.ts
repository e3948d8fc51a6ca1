/** Takes a step that counts for one of two persons: where the server asks who sits there, that is proved first, and the step is taken then. */
export type Proven = (step: () => Promise<void>) => Promise<void>;
