export type PlacesOptions = {
  readonly max: number;
  readonly maxPerOwner: number;
  /** Closes something nobody uses, of this owner or, where there is none, of anybody. `false`: all are in use. */
  readonly makeRoom: (owner: string | undefined) => boolean;
};

/** What one connection holds from before it is opened until all it had started is gone. */
export type Place = {
  readonly owner: string;
  /** Resolves when whatever had the place before is gone: nothing is opened in it earlier. `undefined`: it was free. */
  readonly free: Promise<void> | undefined;
};

/**
 * Places for connections. One that is closing keeps its place: who opens and leaves ever new ones would otherwise have any
 * number of servers ending at once.
 */
export interface Places {
  /** `undefined`: there is no room for this owner. */
  take(owner: string): Place | undefined;
  /** Gives a place back once `gone` has settled. */
  leave(place: Place, gone: Promise<void>): void;
}

export function createPlaces({ max, maxPerOwner, makeRoom }: PlacesOptions): Places {
  const held = new Set<Place>();
  const leaving = new Map<Place, Promise<void>>();

  /** What is leaving and was promised to nobody yet; to whom it is promised holds it from then on. */
  function inherit(owner: string | undefined): Promise<void> | undefined {
    for (const [place, gone] of leaving)
      if (owner === undefined || place.owner === owner) {
        leaving.delete(place);
        return gone;
      }
    return undefined;
  }

  return {
    take(owner) {
      const all = [...held, ...leaving.keys()];
      const own = all.filter((place) => place.owner === owner).length;
      let free: Promise<void> | undefined;
      if (own >= maxPerOwner || all.length >= max) {
        const of = own >= maxPerOwner ? owner : undefined;
        free = inherit(of) ?? (makeRoom(of) ? inherit(of) : undefined);
        if (free === undefined) return undefined;
      }
      const place = { owner, free };
      held.add(place);
      return place;
    },
    leave(place, gone) {
      held.delete(place);
      leaving.set(place, gone);
      void gone.finally(() => leaving.delete(place));
    },
  };
}
