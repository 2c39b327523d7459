export interface FileChange {
  readonly path: string;
  readonly kind: 'created' | 'changed' | 'deleted';
}
