/** What a sequence parameter set says of all pictures that refer to it. */
export interface Sps {
  /** Of the picture that is shown, in pixels. */
  readonly width: number;
  readonly height: number;
  /** Whether decoders must hold pictures back, as they may be sent in another order than they are shown in; undefined where it does not say. */
  readonly reorders: boolean | undefined;
  /** Largest coding unit in pixels; H.265 only, else 16. */
  readonly blockSize: number;
  /** Pixels that are coded, before cropping. */
  readonly codedWidth: number;
  readonly codedHeight: number;
}
