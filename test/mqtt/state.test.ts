import { describe, expect, it } from 'vitest';
import { StateStore } from '../../src/mqtt/state.ts';

const never = new AbortController().signal;
const short = (messages: ReadonlyArray<{ topic: string; payload: string | Buffer }>) =>
  messages.map(({ topic, payload }) => `${topic}=${payload}`);

describe('the state store', () => {
  it('gives each changed topic once, with its latest value, as a retained message of QoS 1', async () => {
    const state = new StateStore();
    state.set('motion', 'ON');
    state.set('person', 'ON');
    state.set('motion', 'OFF');
    const messages = await state.changes(never);
    expect(short(messages)).toEqual(['motion=OFF', 'person=ON']);
    expect(messages[0]).toMatchObject({ retain: true, qos: 1 });
    expect(state.takeChanges()).toEqual([]);
  });

  it('does not take the same value for a change', () => {
    const state = new StateStore();
    state.set('motion', 'ON');
    state.takeChanges();
    state.set('motion', 'ON');
    state.set('motion', Buffer.from('ON'));
    expect(state.takeChanges()).toEqual([]);
  });

  it('wakes who waits for a change', async () => {
    const state = new StateStore();
    const changes = state.changes(never);
    state.set('motion', 'ON');
    expect(short(await changes)).toEqual(['motion=ON']);
  });

  it('lets who waits go when the signal aborts, and keeps the changes', async () => {
    const state = new StateStore();
    const controller = new AbortController();
    const changes = state.changes(controller.signal);
    controller.abort();
    expect(await changes).toEqual([]);
    state.set('motion', 'ON');
    expect(await state.changes(controller.signal)).toEqual([]);
    expect(short(state.takeChanges())).toEqual(['motion=ON']);
  });

  it('gives everything again after resend', () => {
    const state = new StateStore();
    state.set('motion', 'ON');
    state.set('person', 'OFF');
    state.takeChanges();
    state.resend();
    expect(short(state.takeChanges())).toEqual(['motion=ON', 'person=OFF']);
  });

  it('clears a deleted topic with an empty payload, again and again until the broker has confirmed it', () => {
    const state = new StateStore();
    state.set('motion', 'ON');
    state.takeChanges();
    state.delete('motion');
    expect(short(state.takeChanges())).toEqual(['motion=']);
    state.resend();
    const [message] = state.takeChanges();
    expect(message).toMatchObject({ topic: 'motion', payload: '', retain: true });
    state.acknowledge(message!);
    state.resend();
    expect(state.takeChanges()).toEqual([]);
  });

  it('does not forget a topic that was set again while its deletion was under way', () => {
    const state = new StateStore();
    state.set('motion', 'ON');
    state.delete('motion');
    const [deletion] = state.takeChanges();
    state.set('motion', 'ON');
    state.acknowledge(deletion!);
    expect(short(state.takeChanges())).toEqual(['motion=ON']);
  });

  it('clears a topic that it did not set itself', () => {
    const state = new StateStore();
    state.delete('snapshot');
    expect(short(state.takeChanges())).toEqual(['snapshot=']);
  });
});
