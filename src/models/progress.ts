/** Called often while a long job runs; `done` reaches `total` when it succeeds. The unit is that of the job: bytes, or steps. */
export type OnProgress = (done: number, total: number) => void;
