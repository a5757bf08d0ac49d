/**
 * The protocol moves tensors and does not say what they mean. These are the forms in which detections leave the common post-processing steps;
 * which one a model has is told by the names and shapes of its outputs.
 */
import type { PixelSize } from '../jpeg-size.ts';
import { looksLikeFractions, type Reading, readObjects, type SeenObject } from '../seen-objects.ts';
import type { Tensor } from './oip-tensors.ts';

export interface Port {
  readonly name: string;
  readonly datatype: string;
  /** -1: any. */
  readonly shape: readonly number[];
}

export interface Scale {
  /** Of the JPEG. */
  readonly picture: PixelSize;
  /** Of the model's input, to which the server stretches the picture. */
  readonly input: PixelSize | undefined;
  readonly labels: readonly string[];
  readonly minScore: number;
}

export interface Layout {
  /** To ask for. */
  readonly outputs: readonly string[];
  /** The server applies confidence and overlap, given as parameters. */
  readonly takesThresholds?: true;
  read(tensors: readonly Tensor[], scale: Scale): Reading;
}

/** The form of these outputs; undefined when it is none of the known. */
export function findLayout(outputs: readonly Port[]): Layout | undefined {
  const has = (...names: string[]) => names.every((name) => outputs.some((output) => output.name === name));
  if (has('framegate_detections', 'framegate_labels')) return framegate;
  if (has('detection_boxes', 'detection_scores', 'detection_classes')) return tensorflow;
  const [first, second] = [...outputs].sort((a, b) => b.shape.length - a.shape.length);
  if (!first) return undefined;
  if (!second && first.shape.length === 4 && first.shape.at(-1) === 7) return ssd(first.name);
  if (!second && first.shape.length <= 3 && first.shape.at(-1) === 6) return rows(first.name);
  if (second && outputs.length === 2 && first.shape.at(-1) === 5 && second.name.includes('label'))
    return boxesAndLabels(first.name, second.name);
  return undefined;
}

export function describePorts(ports: readonly Port[]): string {
  return ports.map(({ name, datatype, shape }) => `${name} ${datatype}[${shape.join(',')}]`).join(', ');
}

/** Our own microservice: corners in pixels of the picture, score, class; and the labels. */
const framegate: Layout = {
  outputs: ['framegate_detections', 'framegate_labels'],
  takesThresholds: true,
  read(tensors, { picture, minScore }) {
    const [boxes, labels] = [numbers(tensors, 'framegate_detections'), texts(tensors, 'framegate_labels')];
    if (!boxes || !labels || boxes.length !== labels.length * 6) return missing;
    const objects = chunks(boxes, 6).map(([left = 0, top = 0, right = 0, bottom = 0, score = 0], index) =>
      scaled({ label: labels[index] ?? '', score, left, top, right, bottom }, picture),
    );
    return readObjects(objects, minScore);
  },
};

/** Exports of TensorFlow's Object Detection API: top, left, bottom, right in fractions (`exporter_lib_v2.py`). */
const tensorflow: Layout = {
  outputs: ['detection_boxes', 'detection_scores', 'detection_classes'],
  read(tensors, { labels, minScore }) {
    const [boxes, scores, classes] = ['boxes', 'scores', 'classes'].map((name) =>
      numbers(tensors, `detection_${name}`),
    );
    if (!boxes || !scores || !classes || boxes.length !== scores.length * 4 || classes.length !== scores.length)
      return missing;
    const objects = chunks(boxes, 4).map(([top = 0, left = 0, bottom = 0, right = 0], index) => ({
      label: labelOf(labels, classes[index]),
      score: scores[index] ?? Number.NaN,
      left,
      top,
      right,
      bottom,
    }));
    return readObjects(objects, minScore);
  },
};

/** SSD as in OpenVINO's DetectionOutput: image, class, score, corners in fractions; an image below 0 ends the list. */
function ssd(name: string): Layout {
  return {
    outputs: [name],
    read(tensors, { labels, minScore }) {
      const values = numbers(tensors, name);
      if (!values || values.length % 7 !== 0) return missing;
      const all = chunks(values, 7);
      const end = all.findIndex(([image = -1]) => image < 0);
      const objects = (end < 0 ? all : all.slice(0, end)).map(
        ([, label, score = Number.NaN, left = 0, top = 0, right = 0, bottom = 0]) => ({
          label: labelOf(labels, label),
          score,
          left,
          top,
          right,
          bottom,
        }),
      );
      return readObjects(objects, minScore);
    },
  };
}

/** End-to-end exports of the YOLO family: corners, score, class; in fractions, or in pixels of the input to which the server stretches. */
function rows(name: string): Layout {
  return {
    outputs: [name],
    read(tensors, scale) {
      const values = numbers(tensors, name);
      if (!values || values.length % 6 !== 0) return missing;
      const objects = chunks(values, 6)
        // Such models fill their fixed number of rows with zeros.
        .filter((row) => row.some((value) => value !== 0))
        .map(([left = 0, top = 0, right = 0, bottom = 0, score = Number.NaN, label]) => ({
          label: labelOf(scale.labels, label),
          score,
          left,
          top,
          right,
          bottom,
        }));
      return inEitherUnit(objects, scale);
    },
  };
}

/** Models of the Open Model Zoo with their own suppression: corners and score in one output, classes in the other. */
function boxesAndLabels(boxes: string, classes: string): Layout {
  return {
    outputs: [boxes, classes],
    read(tensors, scale) {
      const [values, labels] = [numbers(tensors, boxes), numbers(tensors, classes)];
      if (!values || !labels || values.length !== labels.length * 5) return missing;
      const objects = chunks(values, 5)
        .map(([left = 0, top = 0, right = 0, bottom = 0, score = Number.NaN], index) => ({
          label: labelOf(scale.labels, labels[index]),
          score,
          left,
          top,
          right,
          bottom,
        }))
        .filter(({ score, right }) => score !== 0 || right !== 0);
      return inEitherUnit(objects, scale);
    },
  };
}

function inEitherUnit(objects: readonly SeenObject[], { input, minScore }: Scale): Reading {
  const sizes = objects.map(({ left, top, right, bottom }) => [right - left, bottom - top] as const);
  if (objects.length === 0 || looksLikeFractions(sizes)) return readObjects(objects, minScore);
  if (!input) return { problem: 'boxes in pixels of an input whose size its metadata does not tell' };
  return readObjects(
    objects.map((object) => scaled(object, input)),
    minScore,
  );
}

const missing: Reading = { problem: 'an answer without the tensors that were asked for' };

/** A class that nobody named is something all the same. */
function labelOf(labels: readonly string[], number: number | undefined): string {
  if (number === undefined || !Number.isFinite(number)) return '';
  return labels[Math.round(number)] ?? `class_${Math.round(number)}`;
}

function scaled(object: SeenObject, { width, height }: PixelSize): SeenObject {
  const { left, top, right, bottom } = object;
  return { ...object, left: left / width, top: top / height, right: right / width, bottom: bottom / height };
}

function numbers(tensors: readonly Tensor[], name: string): readonly number[] | undefined {
  const values = tensors.find((tensor) => tensor.name === name)?.values;
  return values?.every((value) => typeof value === 'number') ? (values as readonly number[]) : undefined;
}

function texts(tensors: readonly Tensor[], name: string): readonly string[] | undefined {
  const values = tensors.find((tensor) => tensor.name === name)?.values;
  return values?.every((value) => typeof value === 'string') ? (values as readonly string[]) : undefined;
}

function chunks(values: readonly number[], size: number): number[][] {
  return Array.from({ length: Math.floor(values.length / size) }, (_, index) =>
    values.slice(index * size, (index + 1) * size),
  );
}
