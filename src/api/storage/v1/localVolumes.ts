/**
 * How the default storage class works, in names that control plane and nodes share. The control plane makes a
 * PersistentVolume for a folder on the claim's node; that node makes the folder, and removes it before the volume's
 * object may go.
 */

/** the provisioner of the class `standard` */
export const LOCAL_PROVISIONER = "coxswain.io/local";
/** annotation of a Node: the folder under which it keeps such volumes; without it, it keeps none */
export const LOCAL_VOLUMES_FOLDER = "coxswain.io/local-volumes";
/** label of a PersistentVolume: the node that keeps it, by its label kubernetes.io/hostname */
export const LOCAL_VOLUME_NODE = "coxswain.io/node";
/** finalizer of a PersistentVolume: its node has a folder to remove */
export const LOCAL_VOLUME_FINALIZER = "coxswain.io/local-volume";
