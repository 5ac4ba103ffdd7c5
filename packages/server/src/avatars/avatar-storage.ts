/** Where pictures are kept, by name. Names are made by us, and never used twice. */
export interface AvatarStorage {
  put(name: string, picture: Buffer): Promise<void>
  /** The picture; undefined when there is none. */
  get(name: string): Promise<Buffer | undefined>
  /** Removes the picture; one that is not there is as good as removed. */
  remove(name: string): Promise<void>
}
