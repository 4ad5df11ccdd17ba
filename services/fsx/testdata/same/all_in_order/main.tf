resource "aws_fsx_openzfs_file_system" "builds" {
  copy_tags_to_backups = true
  copy_tags_to_volumes = true
}

resource "aws_fsx_lustre_file_system" "fast" {
  copy_tags_to_backups = true
  deployment_type = "PERSISTENT_2"
}
